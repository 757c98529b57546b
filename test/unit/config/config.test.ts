import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../../src/config.ts';

test('has a default for everything and freezes the result', () => {
  const config = loadConfig({});
  expect(config.GRAPH_URL).toBe('sqlite:grapevine.db');
  expect(Object.isFrozen(config)).toBe(true);
});

test('names every problem at once', () => {
  expect(() => loadConfig({ PORT: '99999', UPSERT_BATCH: 'many', DEVICE: 'abacus' })).toThrow(
    /PORT[\s\S]*UPSERT_BATCH|UPSERT_BATCH[\s\S]*PORT/,
  );
  expect(() => loadConfig({ PORT: '99999', DEVICE: 'abacus' })).toThrow(/DEVICE/);
});

test('options win over the environment; empty means not given', () => {
  expect(loadConfig({ PORT: '5000' }, { PORT: '6000' }).PORT).toBe(6000);
  expect(loadConfig({ PORT: '' }).PORT).toBe(4000);
});

test('a secret may come from a file; a file that cannot be read is a problem', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'grapevine-config-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'password'), 'hush\n');
  expect(loadConfig({ NEO4J_PASSWORD_FILE: join(folder, 'password') }).NEO4J_PASSWORD).toBe('hush');
  expect(() => loadConfig({ NEO4J_PASSWORD_FILE: join(folder, 'none') })).toThrow(/NEO4J_PASSWORD_FILE/);
});

test('an empty variable does not hide the file of a secret', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'grapevine-config-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'password'), 'hush');
  const env = { NEO4J_PASSWORD: '', NEO4J_PASSWORD_FILE: join(folder, 'password') };
  expect(loadConfig(env).NEO4J_PASSWORD).toBe('hush');
});

test('a password is not sent in clear', () => {
  expect(() => loadConfig({ KAFKA_SASL_MECHANISM: 'plain' })).toThrow(/KAFKA_SSL=true/);
});

test('JSON Web Tokens need issuer, audience and keys together', () => {
  const [issuer, audience] = [{ API_JWT_ISSUER: 'https://login.example.com' }, { API_JWT_AUDIENCE: 'grapevine' }];
  const url = { API_JWT_JWKS_URL: 'https://login.example.com/keys' };
  expect(loadConfig({ ...issuer, ...audience, ...url }).API_JWT_SCOPE_CLAIM).toBe('scope');
  for (const part of [issuer, { ...issuer, ...audience }, { ...issuer, ...url }, audience, url]) {
    expect(() => loadConfig(part)).toThrow('API_JWT_ISSUER');
  }
  expect(() => loadConfig({ ...issuer, ...audience, ...url, API_JWT_KEYS: 'keys.json' })).toThrow('one of them');
  expect(() => loadConfig({ ...issuer, ...audience, API_JWT_JWKS_URL: 'http://login.example.com/keys' })).toThrow(
    'https',
  );
});
