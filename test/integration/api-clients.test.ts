import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { preset } from '@graphql-codegen/client-preset';
import { codegen } from '@graphql-codegen/core';
import { buildSchema, parse } from 'graphql';
import { createClient } from 'graphql-sse';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FolderTokenStore } from '../../src/access/folder/folder-token-store.ts';
import { TokenCredentials } from '../../src/access/token-credentials.ts';
import { GrapevineClient, RequestError } from '../../src/index.ts';
import { sketch } from '../helpers/api-extractions.ts';
import { openTestApi, type TestApi } from '../helpers/api-server.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { encode, pattern } from '../helpers/model-pictures.ts';

const FOLLOW = 'subscription Follow($since: String) { factEvents(since: $since) { cursor kind head { name } } }';

let api: TestApi;
let client: GrapevineClient;

beforeAll(async () => {
  api = await openTestApi();
  client = new GrapevineClient({ url: `${api.url}/` });
});
afterAll(() => api[Symbol.asyncDispose]());

/** Lets somebody join a club: one event. */
async function joins(name: string): Promise<void> {
  const relations = [{ type: '/per/org/member_of', head: 0, tail: 1 }];
  await api.store.replacePosts([sketch({ id: name, text: `[${name}|PER] joins [Orbit FC|ORG]`, relations })]);
  await api.relay();
}

const headOf = (data: object) => (data as { factEvents: { head: { name: string } } }).factEvents.head.name;

test('the client asks, and tells what is wrong with code and status', async () => {
  const { stats } = await client.query<{ stats: { posts: number } }>('{ stats { posts } }');
  expect(stats.posts).toBe(0);
  const wrong = await client.query('{ nothing }').catch((error: unknown) => error);
  expect(wrong).toBeInstanceOf(RequestError);
  expect(wrong).toMatchObject({ status: 400, code: 'GRAPHQL_VALIDATION_FAILED' });
  const part = await client.query('{ stats { posts } entity { id } }').catch((error: unknown) => error);
  expect(part).toMatchObject({ status: 200, code: 'BAD_REQUEST', data: { stats: { posts: 0 }, entity: null } });
  const nowhere = new GrapevineClient({ url: 'http://127.0.0.1:1' });
  await expect(nowhere.query('{ stats { posts } }')).rejects.toMatchObject({ status: 0, code: 'NETWORK' });
});

test('the client shows a token, sends a picture and a post that shows it', async () => {
  const tokens = new FolderTokenStore(join(await temporaryFolder(), 'tokens'));
  const { text: token } = await tokens.create({ name: 'writer', scopes: ['write'] });
  await using strict = await openTestApi({ requireToken: true, credentials: [new TokenCredentials(tokens)] });
  await expect(new GrapevineClient({ url: strict.url }).query('{ stats { posts } }')).rejects.toMatchObject({
    status: 401,
    code: 'UNAUTHENTICATED',
  });
  const known = new GrapevineClient({ url: strict.url, token });
  const { reference } = await known.upload(await encode(pattern(40, 40), 'png'));
  await expect(known.upload(new Blob(['no picture']))).rejects.toMatchObject({ status: 422, code: 'BAD_PICTURE' });
  const { submitPost } = await known.query<{ submitPost: object }>(
    'mutation ($input: PostInput!) { submitPost(input: $input) { state post { pictures { source outcome } } } }',
    { input: { text: 'Ana Lima in Lisbon', images: [reference] } },
  );
  expect(submitPost).toEqual({ state: 'CREATED', post: { pictures: [{ source: reference, outcome: 'ok' }] } });
});

test('a subscription that loses its connection goes on after the last event: none twice, none left out', async () => {
  const leave = new AbortController();
  const [lost, seen]: [unknown[], string[]] = [[], []];
  // Breaks each answer off after its first event, and lets the next request come only after two more.
  const cutting: typeof fetch = async (url, init) => {
    const response = await fetch(url, init);
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return response;
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { value } = await reader.read();
        controller.enqueue(value as Uint8Array);
        if (!new TextDecoder().decode(value).includes('event: next')) return;
        await reader.cancel();
        controller.error(new Error('the line is dead'));
      },
    });
    return new Response(body, { headers: response.headers });
  };
  const cut = new GrapevineClient({ url: api.url, fetch: cutting });
  let made = 0;
  const events = cut.subscribe(
    FOLLOW,
    {},
    { signal: leave.signal, onConnect: () => made++, onReconnect: (error) => void lost.push(error) },
  );
  const reading = (async () => {
    for await (const data of events) {
      seen.push(headOf(data));
      if (seen.length === 6) leave.abort();
    }
  })();
  while (seen.length === 0) {
    await joins('Ada');
    await joins('Bo');
  }
  for (const name of ['Cy', 'Di', 'Ed', 'Fay', 'Gus']) await joins(name);
  await reading;
  expect(new Set(seen).size).toBe(6);
  expect(seen.toSorted()).toEqual(seen);
  expect(lost.length).toBeGreaterThan(0);
  expect(made).toBe(lost.length + 1);
  for (const error of lost) expect(error).toMatchObject({ code: 'NETWORK' });
});

test('a connection on which nothing comes is made anew', async () => {
  let requests = 0;
  const silent = createServer((_, response) => {
    requests++;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (requests === 1) response.flushHeaders();
    else response.end('event: next\ndata: {"data":{"factEvents":{"cursor":"c1","head":{"name":"Ada"}}}}\n\n');
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const patient = new GrapevineClient({ url: `http://127.0.0.1:${port}` });
  const names: string[] = [];
  for await (const data of patient.subscribe(FOLLOW, {}, { since: 'c0', silenceMs: 50 })) {
    names.push(headOf(data));
    break;
  }
  expect([names, requests]).toEqual([['Ada'], 2]);
  silent.closeAllConnections();
  silent.close();
});

test('a subscription that is refused, or could not be resumed, says so instead of trying again', async () => {
  const next = (operation: string, since?: string) => client.subscribe(operation, {}, since ? { since } : {}).next();
  await expect(next(FOLLOW, 'x')).rejects.toMatchObject({ code: 'BAD_CURSOR' });
  await expect(next('subscription { factEvents { cursor } }')).rejects.toThrow('no variable $since');
  const { stats } = await client.query<{ stats: { eventCursor: string } }>('{ stats { eventCursor } }');
  const blind = next('subscription ($since: String) { factEvents(since: $since) { kind } }', stats.eventCursor);
  const told = expect(blind).rejects.toThrow('does not select the cursor');
  await joins('Zed');
  await told;
});

test.each(['factEvents(since: $since)', 'alertFired(since: $since)'])(
  'follows %s from now on where no cursor is given',
  async (field) => {
    const leave = new AbortController();
    let connections = 0;
    const onConnect = () => {
      connections++;
      leave.abort();
    };
    const operation = `subscription ($since: String) { ${field} { cursor kind } }`;
    const events = client.subscribe(operation, {}, { onConnect, signal: leave.signal });
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(connections).toBe(1);
  },
);

test('graphql-sse follows the graph', async () => {
  const stock = createClient({ url: `${api.url}/graphql`, retryAttempts: 0 });
  const { stats } = await client.query<{ stats: { eventCursor: string } }>('{ stats { eventCursor } }');
  await joins('Stock');
  for await (const { data } of stock.iterate({ query: FOLLOW, variables: { since: stats.eventCursor } })) {
    expect(headOf(data as object)).toBe('Stock');
    break;
  }
  stock.dispose();
});

test('what graphql-codegen generates from the schema runs as it is', async () => {
  const sdl = readFileSync(new URL('../../src/api/schema.graphql', import.meta.url), 'utf8');
  const operations = 'query Sizes($first: Int) { stats { posts } entities(first: $first) { totalCount } }';
  const folder = await temporaryFolder();
  const sections = await preset.buildGeneratesSection({
    baseOutputDir: `${folder}/`,
    config: { documentMode: 'string', useTypeImports: true },
    documents: [{ location: 'sizes.graphql', document: parse(operations), rawSDL: operations }],
    pluginMap: {},
    plugins: [],
    presetConfig: { fragmentMasking: false },
    schema: parse(sdl),
    schemaAst: buildSchema(sdl),
  } as never);
  await mkdir(folder, { recursive: true });
  for (const section of sections) await writeFile(section.filename, await codegen(section));
  const { SizesDocument } = await import(pathToFileURL(join(folder, 'graphql.ts')).href);
  const data = await client.query<{ stats: { posts: number } }>(SizesDocument, { first: 1 });
  expect(data).toMatchObject({ stats: { posts: expect.any(Number) }, entities: { totalCount: expect.any(Number) } });
});
