import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FolderTokenStore } from '../../src/access/folder/folder-token-store.ts';
import { TokenCredentials } from '../../src/access/token-credentials.ts';
import { decodeNativePost } from '../../src/consumers/formats/native.ts';
import { FolderPictureStore } from '../../src/graph/pictures/folder-picture-store.ts';
import { openTestApi, openTestApiOn, type TestApi, type TestApiOn } from '../helpers/api-server.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';
import { encode, pattern } from '../helpers/model-pictures.ts';

const SUBMIT = `mutation ($input: PostInput!) { submitPost(input: $input) {
  postId state post { text platform nativeId version author { id name } mentions { text entity { name } }
    pictures { source outcome sha256 thumbnailUrl } }
  userErrors { field code message } } }`;
const PREVIEW = `mutation ($input: PostInput!) { previewPost(input: $input) {
  preview { text mentions { text start end type confidence entity { id } } relations { type confidence head { text } tail { text } }
    pictures { source outcome } skipped }
  userErrors { field code message } } }`;
const DELETE = 'mutation ($id: ID!) { deletePost(id: $id) { postId state userErrors { field code } } }';
const SIZES = '{ stats { posts entities facts mentions } }';

const submit = async (api: TestApi, input: object) => (await api.query(SUBMIT, { input })).data.submitPost;

async function upload(api: TestApi, bytes: Uint8Array, type = 'image/png'): Promise<string> {
  const headers = { 'content-type': type };
  const response = await fetch(`${api.url}/pictures`, { method: 'POST', headers, body: new Uint8Array(bytes) });
  const { picture } = (await response.json()) as { picture: { reference: string } };
  return picture.reference;
}

describe.each(graphAdapters())('on $name', (adapter) => {
  let api: TestApiOn;

  beforeAll(async () => {
    api = await openTestApiOn(adapter);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  test('a post is read, kept and shown by the answer; again it changes nothing', async () => {
    const input = { id: '1', platform: 'x', text: 'Ana Lima moves to Lisbon', author: { id: 'a' }, version: '1' };
    const first = await submit(api, { ...input, createdAt: '2026-03-01T12:00:00Z' });
    expect(first).toMatchObject({
      postId: expect.stringMatching(/^post_/),
      state: 'CREATED',
      userErrors: [],
      post: { platform: 'x', nativeId: '1', mentions: [{ entity: { name: 'Ana Lima' } }, { text: 'Lisbon' }] },
    });
    expect(await submit(api, { ...input, createdAt: '2026-03-01T12:00:00Z' })).toMatchObject({ state: 'UNCHANGED' });
    const { data } = await api.query('{ facts { edges { node { type head { name } tail { name } } } } }');
    expect(data.facts.edges.map((edge: { node: object }) => edge.node)).toEqual([
      { type: '/per/loc/place_of_residence', head: { name: 'Ana Lima' }, tail: { name: 'Lisbon' } },
    ]);
  });

  test('a higher version replaces it, a lower or another one of the same number does not', async () => {
    const input = { id: '2', platform: 'x', text: 'Ana Lima in Porto', author: { id: 'a' }, version: '5' };
    await submit(api, input);
    expect(await submit(api, { ...input, text: 'nobody in Porto', version: '6' })).toMatchObject({
      state: 'REPLACED',
      post: { text: 'nobody in Porto' },
    });
    expect(await submit(api, input)).toMatchObject({ postId: null, userErrors: [{ code: 'STALE_VERSION' }] });
    const other = await submit(api, { ...input, text: 'nobody in Porto!', version: '6', createdAt: '2026-01-01' });
    // Of two contents of one version the one with the greater hash stands, in whatever order they come.
    expect(['CONFLICTING_CONTENT', 'REPLACED']).toContain(other.userErrors[0]?.code ?? other.state);
  });

  test('a post is deleted for good, with what only it supported', async () => {
    const { postId } = await submit(api, { id: '3', text: 'Ana Lima likes Porto', author: { id: 'b' } });
    const { data } = await api.query(DELETE, { id: postId });
    expect(data.deletePost).toEqual({ postId, state: 'DELETED', userErrors: [] });
    expect((await api.query('query ($id: ID!) { node(id: $id) { id } }', { id: postId })).data.node).toBeNull();
    const again = await submit(api, { id: '3', text: 'Ana Lima likes Porto', author: { id: 'b' }, version: '9' });
    expect(again.userErrors).toMatchObject([{ field: 'id', code: 'DELETED' }]);
    expect((await api.query(DELETE, { id: postId })).data.deletePost.userErrors).toEqual([
      { field: 'id', code: 'NOT_FOUND' },
    ]);
  });

  test('a preview tells what is found and what the graph knows of it, and keeps nothing', async () => {
    const before = (await api.query(SIZES)).data;
    const { data } = await api.query(PREVIEW, { input: { text: 'Ana Lima was never in Porto', images: ['a.png'] } });
    expect(data.previewPost).toMatchObject({
      userErrors: [],
      preview: {
        mentions: [
          { text: 'Ana Lima', start: 0, end: 8, type: 'PER', confidence: 0.9, entity: { id: expect.any(String) } },
          { text: 'Porto', type: 'LOC' },
        ],
        relations: [{ head: { text: 'Ana Lima' }, tail: { text: 'Porto' }, confidence: 0.8 }],
        pictures: [{ source: 'a.png', outcome: 'no_image_root' }],
        skipped: null,
      },
    });
    expect((await api.query(SIZES)).data).toEqual(before);
  });

  test('each change of one request sees the one before', async () => {
    const both = `mutation ($a: PostInput!, $b: PostInput!) {
      a: submitPost(input: $a) { post { mentions { entity { mentionCount } } } }
      b: submitPost(input: $b) { post { mentions { entity { mentionCount } } } } }`;
    const input = (id: string) => ({ id, platform: 'counted', text: 'Lisbon', author: { id } });
    const { data } = await api.query(both, { a: input('a'), b: input('b') });
    const count = (payload: { post: { mentions: { entity: { mentionCount: number } }[] } }) =>
      payload.post.mentions[0]?.entity.mentionCount;
    expect(count(data.b)).toBe((count(data.a) ?? 0) + 1);
  });
});

let plain: TestApi;

beforeAll(async () => {
  plain = await openTestApi();
});
afterAll(() => plain[Symbol.asyncDispose]());

const postsOf = async (api: TestApi) => (await api.query(SIZES)).data.stats.posts as number;

test('a post says nothing but its text: id, time and author are given to it', async () => {
  const first = await submit(plain, { text: 'Lisbon' });
  const second = await submit(plain, { text: 'Lisbon' });
  expect(first.post).toMatchObject({ platform: 'native', version: '0', author: { id: 'local', name: 'this machine' } });
  expect(first.postId).not.toBe(second.postId);
});

test.each([
  ['a version that is no number', { text: 'x', version: 'v1' }, 'version', 'BAD_POST'],
  ['a platform that is no name', { text: 'x', platform: 'My Platform' }, 'platform', 'BAD_POST'],
  ['a time that is none', { text: 'x', createdAt: 'yesterday' }, 'createdAt', 'BAD_POST'],
  ['a time that cannot be', { text: 'x', createdAt: '1999-01-01T00:00:00Z' }, 'createdAt', 'BAD_POST'],
  ['an empty id', { text: 'x', id: '' }, 'id', 'BAD_POST'],
  ['an author without id', { text: 'x', author: { id: '' } }, 'author', 'BAD_POST'],
  ['an address too long', { text: 'x', images: ['a'.repeat(5000)] }, 'images', 'BAD_POST'],
  ['an upload that never was', { text: 'x', images: [`upload:${'0'.repeat(64)}`] }, 'images', 'UPLOAD_GONE'],
  ['an upload that is a path', { text: 'x', images: ['upload:../../etc/passwd'] }, 'images', 'UPLOAD_GONE'],
])('%s is refused by its field', async (_, input, field, code) => {
  const before = await postsOf(plain);
  expect((await submit(plain, input)).userErrors).toMatchObject([{ field, code }]);
  expect((await plain.query(PREVIEW, { input })).data.previewPost.userErrors).toMatchObject([{ field, code }]);
  expect(await postsOf(plain)).toBe(before);
});

test('a picture that was sent is read by a preview, which keeps no copy, and kept small with the post', async () => {
  const folder = await temporaryFolder();
  const pictures = new FolderPictureStore(join(folder, 'pictures'));
  await using api = await openTestApi({ pictures });
  const reference = await upload(api, await encode(pattern(700, 500), 'png'));
  expect(reference).toMatch(/^upload:[0-9a-f]{64}$/);
  const input = { text: 'Ana Lima in Lisbon', images: [reference] };
  const { data } = await api.query(PREVIEW, { input });
  expect(data.previewPost.preview.pictures).toEqual([{ source: reference, outcome: 'ok' }]);
  const sha256 = reference.slice('upload:'.length);
  expect(await pictures.has(sha256)).toBe(false);
  const { post } = await submit(api, input);
  expect(post.pictures).toMatchObject([{ source: reference, outcome: 'ok', sha256 }]);
  expect((await fetch(api.url + post.pictures[0].thumbnailUrl)).headers.get('content-type')).toBe('image/webp');
});

test('where posts go through a log, they and deletions are sent there as native records; uploads cannot', async () => {
  const sent: { key: string; value: Uint8Array }[] = [];
  const log = { write: async (record: (typeof sent)[0]) => void sent.push(record), async [Symbol.asyncDispose]() {} };
  await using api = await openTestApi({ log });
  const queued = await submit(api, { id: '7', platform: 'x', text: 'Ana Lima', author: { id: 'a' } });
  expect(queued).toMatchObject({ state: 'QUEUED', post: null, userErrors: [] });
  const reference = await upload(api, await encode(pattern(30, 30), 'png'));
  expect((await submit(api, { text: 'x', images: [reference] })).userErrors[0].code).toBe('UPLOAD_NOT_POSSIBLE');
  const { data } = await api.query(PREVIEW, { input: { text: 'Lisbon', images: [reference] } });
  expect(data.previewPost.preview.pictures[0].outcome).toBe('ok');
  expect(sent.map(({ key }) => key)).toEqual(['a']);
  expect(decodeNativePost(sent[0]?.value as Uint8Array)).toMatchObject({ record: { id: '7', text: 'Ana Lima' } });
  await api.store.replacePosts([
    {
      schema: 1,
      extractor: { bundle: 'hand', generation: 1 },
      post: JSON.parse(Buffer.from(sent[0]?.value ?? []).toString()),
      images: [],
      mentions: [],
      relations: [],
    },
  ]);
  expect((await api.query(DELETE, { id: queued.postId })).data.deletePost.state).toBe('QUEUED');
  expect(decodeNativePost(sent[1]?.value as Uint8Array)).toMatchObject({
    record: { id: '7', platform: 'x', author: { id: 'a' }, deleted: true },
  });
});

test('changing takes the scope write, erasing an author the scope admin', async () => {
  const tokens = new FolderTokenStore(join(await temporaryFolder(), 'tokens'));
  const headersOf = async (scope: 'read' | 'write' | 'admin') => {
    const { text } = await tokens.create({ name: scope, scopes: [scope] });
    return { authorization: `Bearer ${text}` };
  };
  const [read, write, admin] = [await headersOf('read'), await headersOf('write'), await headersOf('admin')];
  await using api = await openTestApi({ requireToken: true, credentials: [new TokenCredentials(tokens)] });
  const input = { id: '1', platform: 'x', text: 'Ana Lima in Lisbon', author: { id: 'a' } };
  const statuses = async (query: string, variables: Record<string, unknown>) => [
    await api.query(query, variables),
    await api.query(query, variables, read),
    await api.query(query, variables, write),
  ];
  const [none, reader, writer] = await statuses(SUBMIT, { input });
  expect([none?.status, reader?.status, writer?.data.submitPost.state]).toEqual([401, 403, 'CREATED']);
  const ERASE = `mutation { eraseAuthor(input: {platform: "x", id: "a"}) { erased { posts facts } userErrors { code } } }`;
  for (const answer of await statuses(ERASE, {})) {
    expect(answer.errors?.[0]?.extensions.code).toMatch(/^(UNAUTHENTICATED|FORBIDDEN)$/);
    expect(answer.data ?? null).toBeNull();
  }
  expect((await api.query(SIZES, {}, read)).data.stats.posts).toBe(1);
  expect((await api.query(ERASE, {}, admin)).data.eraseAuthor).toEqual({
    erased: { posts: 1, facts: 1 },
    userErrors: [],
  });
  expect((await api.query(SIZES, {}, read)).data.stats.posts).toBe(0);
});

test('a mutation is no page to be opened and no form to be sent: it changes nothing then', async () => {
  const before = await postsOf(plain);
  const query = 'mutation { submitPost(input: {text: "Lisbon"}) { state } }';
  const byGet = await fetch(`${plain.url}/graphql?query=${encodeURIComponent(query)}`);
  expect(byGet.status).toBe(405);
  for (const type of ['application/x-www-form-urlencoded', 'text/plain']) {
    const body = new Blob([type === 'text/plain' ? JSON.stringify({ query }) : `query=${encodeURIComponent(query)}`]);
    const headers = { 'content-type': type };
    expect((await fetch(`${plain.url}/graphql`, { method: 'POST', headers, body })).status).toBe(415);
  }
  for (const headers of [
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' },
  ]) {
    const response = await fetch(`${plain.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers } as Record<string, string>,
      body: JSON.stringify({ query }),
    });
    expect(response.status).toBe(403);
  }
  expect(await postsOf(plain)).toBe(before);
});

test.each([
  "a'}) DETACH DELETE n //",
  '`); DROP TABLE post; --',
  '\u0000\ud800 half a pair',
  '\u202e\u200b*:*~ (a+)+$',
  '',
])('the text %j is a text and no more', async (text) => {
  const before = await postsOf(plain);
  const { post, userErrors } = await submit(plain, { text: `${text} Lisbon`, lang: 'en', author: { id: text || 'a' } });
  expect(userErrors).toEqual([]);
  expect(post.mentions).toMatchObject([{ entity: { name: 'Lisbon' } }]);
  expect(await postsOf(plain)).toBe(before + 1);
});
