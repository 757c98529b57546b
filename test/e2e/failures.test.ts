import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/folder.ts';

const BUNDLE = fileURLToPath(new URL('../../models/default', import.meta.url));
const POST =
  '{"id":"1","platform":"x","text":"Ada Lovelace in London","author":{"id":"a"},"createdAt":"2026-01-01T00:00:00Z"}';

/** One sentence on stderr, no stack, nothing on stdout. */
async function failure(args: readonly string[], env: Record<string, string> = {}) {
  const result = await runCli(args, { input: POST, env });
  expect(result.stdout).toBe('');
  expect(result.stderr).not.toMatch(/^\s+at /m);
  expect(result.stderr.trim().split('\n').length).toBeLessThanOrEqual(2);
  return result;
}

describe('what cannot start says why in one sentence', () => {
  test('a file that is not there', async () => {
    const { code, stderr } = await failure(['ingest', 'none.jsonl', '--graph', 'sqlite:/none/x.db']);
    expect(code).toBe(1);
    expect(stderr).toContain('none.jsonl');
  });

  test('an empty name of a graph, instead of filling another one', async () => {
    const { code, stderr } = await failure(['ingest', '-', '--graph', ''], { GRAPH_URL: 'neo4j://127.0.0.1:9' });
    expect(code).toBe(2);
    expect(stderr).toContain('GRAPH_URL');
  });

  test('an image root that is not there', async () => {
    const { code, stderr } = await failure(['extract', '-', '--image-root', '/none']);
    expect(code).toBe(2);
    expect(stderr).toContain('/none');
  });

  test('a digest of a graph that is not there, instead of an empty one', async () => {
    const { code, stderr } = await failure(['graph', 'digest', '--graph', 'sqlite:none.db']);
    expect(code).toBe(1);
    expect(stderr).toContain('no graph at none.db');
  });

  test('a graph of an unknown kind', async () => {
    const { code, stderr } = await failure(['ingest', '-', '--graph', 'mysql://127.0.0.1']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/mysql.*(sqlite|neo4j)/);
  });

  test('a database that does not answer', async () => {
    const { code, stderr } = await failure(['graph', 'digest', '--graph', 'neo4j://127.0.0.1:9'], {
      NEO4J_PASSWORD: 'x',
    });
    expect(code).toBe(1);
    expect(stderr).toContain('127.0.0.1:9');
  });

  test('a broker that does not answer, and none named', async () => {
    const absent = await failure(['consume', 'upsert'], { KAFKA_BROKERS: '127.0.0.1:9' });
    expect(absent.code).toBe(1);
    expect(absent.stderr).toContain('127.0.0.1:9');
    const unnamed = await failure(['topics', 'create']);
    expect(unnamed.code).toBe(2);
    expect(unnamed.stderr).toContain('KAFKA_BROKERS');
  });

  test('settings and options that are wrong', async () => {
    const setting = await runCli(['config'], { env: { DEVICE: 'abacus', PORT: '-1' } });
    expect(setting.code).toBe(2);
    expect(setting.stderr).toMatch(/PORT/);
    expect(setting.stderr).toMatch(/DEVICE/);
    for (const args of [
      ['ingest'],
      ['ingest', '-', '--no-such-option'],
      ['no-such-command'],
      ['consume', 'everything'],
    ]) {
      expect((await runCli(args)).code).toBe(2);
    }
  });

  test('a bundle that is not there', async () => {
    const { code, stderr } = await failure(['extract', '-', '--bundle', '/none']);
    expect(code).toBe(2);
    expect(stderr).toContain('/none');
  });

  test.each([
    'visual.onnx',
    'prefix.ner.onnx',
    'prefix.re.onnx',
    'text.ner.onnx',
    'text.re.onnx',
    'words.bin',
    'vocab.txt',
  ])('a bundle without %s, and with another one, names it', async (name) => {
    const bundle = join(await temporaryFolder(), 'bundle');
    await cp(BUNDLE, bundle, { recursive: true });
    await rm(join(bundle, name));
    const missing = await failure(['extract', '-', '--bundle', bundle]);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain(name);
    await writeFile(join(bundle, name), 'something else');
    const other = await failure(['extract', '-', '--bundle', bundle]);
    expect(other.code).toBe(1);
    expect(other.stderr).toContain(name);
  });
});
