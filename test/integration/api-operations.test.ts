import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { operationHash } from '../../src/api/operations.ts';
import { loadConfig } from '../../src/config.ts';
import { sketch } from '../helpers/api-extractions.ts';
import { openTestApi, type TestApi } from '../helpers/api-server.ts';
import { temporaryFolder } from '../helpers/folder.ts';

const SIZES = 'query Sizes { stats { posts } }\n';
const MANY = `query One($name: String) { entity(name: $name) { name } }
query Two { types { entities } }
mutation Send { submitPost(input: {text: "Lisbon"}) { state } }`;
const NOT_KEPT = '{ stats { posts } }';

let folder: string;
let strict: TestApi;
let open: TestApi;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grapevine-operations-'));
  await mkdir(join(folder, 'app'), { recursive: true });
  await writeFile(join(folder, 'sizes.graphql'), SIZES);
  await writeFile(join(folder, 'app', 'many.gql'), MANY);
  await writeFile(join(folder, 'notes.txt'), 'no document');
  strict = await openTestApi({ operations: { path: folder, isOnly: true } });
  open = await openTestApi({ operations: { path: folder, isOnly: false } });
  await strict.store.replacePosts([sketch({ id: '1', text: '[Ada Lark|PER] waves' })]);
});
afterAll(async () => {
  await strict[Symbol.asyncDispose]();
  await open[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function send(api: TestApi, body: object): Promise<{ status: number; data: any; code: string | undefined }> {
  const response = await fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] };
  return { status: response.status, data, code: errors?.[0]?.extensions.code };
}

const byHash = (text: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: operationHash(text) } } });

test('a document is run by its hash, written either way, with its variables and the operation that is named', async () => {
  expect((await send(strict, byHash(SIZES))).data).toEqual({ stats: { posts: 1 } });
  expect((await send(strict, { documentId: `sha256:${operationHash(SIZES)}` })).data).toEqual({ stats: { posts: 1 } });
  const one = { ...byHash(MANY), operationName: 'One', variables: { name: 'ada lark' } };
  expect((await send(strict, one)).data).toEqual({ entity: { name: 'Ada Lark' } });
  expect((await send(strict, { ...byHash(MANY), operationName: 'Two' })).data.types.entities).toEqual(['PER']);
  const query = `extensions=${encodeURIComponent(JSON.stringify(byHash(SIZES).extensions))}`;
  expect(await (await fetch(`${strict.url}/graphql?${query}`)).json()).toEqual({ data: { stats: { posts: 1 } } });
  const sending = encodeURIComponent(JSON.stringify(byHash(MANY).extensions));
  const mutation = await fetch(`${strict.url}/graphql?extensions=${sending}&operationName=Send`);
  expect(mutation.status).toBe(405);
});

test('nothing else is run where only these are, whatever it is', async () => {
  const refused = { status: 403, data: undefined, code: 'OPERATION_NOT_PERSISTED' };
  expect(await send(strict, { query: NOT_KEPT })).toEqual(refused);
  expect(await send(strict, { query: SIZES.trim() })).toEqual(refused);
  expect(await send(strict, { query: '{ __schema { types { name } } }' })).toEqual(refused);
  expect((await fetch(`${strict.url}/graphql?query={__typename}`)).status).toBe(403);
  // The text of a kept document is as good as its hash.
  expect((await send(strict, { query: SIZES })).status).toBe(200);
  const unknown = { status: 404, data: undefined, code: 'PERSISTED_QUERY_NOT_FOUND' };
  expect(await send(strict, byHash(NOT_KEPT))).toEqual(unknown);
  expect(await send(strict, { ...byHash(NOT_KEPT), query: NOT_KEPT })).toEqual(unknown);
});

test('a hash that is none, or of another text, is a bad request', async () => {
  for (const documentId of ['sha256:abc', 7, operationHash(SIZES).toUpperCase(), '__proto__', {}]) {
    expect(await send(strict, { documentId })).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
  }
  expect(await send(open, { ...byHash(SIZES), query: NOT_KEPT })).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
});

test('where others are run, too, a client learns that a hash is not known and sends the text with it', async () => {
  expect(await send(open, byHash(NOT_KEPT))).toMatchObject({ status: 404, code: 'PERSISTED_QUERY_NOT_FOUND' });
  expect((await send(open, { ...byHash(NOT_KEPT), query: NOT_KEPT })).data).toEqual({ stats: { posts: 0 } });
  expect((await send(open, { query: NOT_KEPT })).data).toEqual({ stats: { posts: 0 } });
  expect((await send(open, byHash(SIZES))).data).toEqual({ stats: { posts: 0 } });
});

test('documents may stand in one file by their hashes', async () => {
  const path = join(await temporaryFolder(), 'operations.json');
  await writeFile(path, JSON.stringify({ [operationHash(SIZES)]: SIZES, [`sha256:${operationHash(MANY)}`]: MANY }));
  await using api = await openTestApi({ operations: { path, isOnly: true } });
  expect((await send(api, byHash(SIZES))).data).toEqual({ stats: { posts: 0 } });
  expect((await send(api, { ...byHash(MANY), operationName: 'Two' })).status).toBe(200);
});

test.each([
  ['a field that is not there', JSON.stringify({ [operationHash('{ nothing }')]: '{ nothing }' }), 'nothing'],
  ['no GraphQL', JSON.stringify({ [operationHash('{')]: '{' }), 'Syntax Error'],
  ['a hash of another kind', JSON.stringify({ da39a3ee5e6b4b0d3255bfef95601890afd80709: SIZES }), 'its SHA-256 is'],
  ['a list', JSON.stringify([SIZES]), 'an object of documents'],
  ['no JSON', 'query', 'API_OPERATIONS'],
])('a file with %s keeps the server from starting', async (_, text, message) => {
  const path = join(await temporaryFolder(), 'operations.json');
  await writeFile(path, text);
  const starting = openTestApi({ operations: { path, isOnly: true } });
  await expect(starting).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(message) });
});

test('running only these takes some', () => {
  expect(() => loadConfig({ API_OPERATIONS_ONLY: 'true' })).toThrow('API_OPERATIONS');
});
