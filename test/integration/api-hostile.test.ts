import { afterAll, beforeAll, expect, test } from 'vitest';
import { GrapevineError } from '../../src/errors.ts';
import { sketch } from '../helpers/api-extractions.ts';
import { openTestApi, type TestApi } from '../helpers/api-server.ts';
import { statusOf } from '../helpers/raw-request.ts';

let api: TestApi;

beforeAll(async () => {
  api = await openTestApi();
  const relations = [{ type: '/per/org/member_of', head: 0, tail: 1 }];
  await api.store.replacePosts([sketch({ id: '1', text: '[Ada Lark|PER] joins [Orbit FC|ORG]', relations })]);
});

afterAll(() => api[Symbol.asyncDispose]());

const deep = (levels: number) => {
  let inner = 'id';
  for (let i = 0; i < levels; i++) inner = `facts(first: 1) { edges { node { head { ${inner} } } } }`;
  return `{ entity(name: "Ada Lark") { ${inner} } }`;
};

test.each([
  ['depth 20', deep(5)],
  ['depth 500', deep(125)],
  ['200 aliases', `{ ${Array.from({ length: 200 }, (_, i) => `a${i}: stats { posts }`).join(' ')} }`],
  ['50,000 aliases', `{ ${Array.from({ length: 5000 }, (_, i) => `a${i}: __typename`).join(' ')} }`],
  ['100 directives', `{ stats { posts ${'@include(if: true) '.repeat(100)} } }`],
  [
    'a fragment in itself',
    '{ entity(name: "x") { ...A } } fragment A on Entity { facts { edges { node { head { ...A } } } } }',
  ],
  [
    'pages in pages',
    '{ entities(first: 100) { edges { node { facts(first: 100) { edges { node { evidence { edges { cursor } } } } } } } } }',
  ],
  ['first above 100', '{ entities(first: 101) { totalCount } }'],
  ['first of 0', '{ entities(first: 0) { totalCount } }'],
  ['a negative first', '{ facts(first: -1) { totalCount } }'],
  ['a giant first', '{ entities(first: 2147483647) { totalCount } }'],
  ['a first beyond 32 bits', '{ entities(first: 2147483648) { totalCount } }'],
  ['an unknown field', '{ entitiez { totalCount } }'],
  ['no GraphQL', '{ entities('],
  ['nothing', ''],
  ['a mutation', 'mutation { deletePost(id: "1") { id } }'],
])('%s is refused with status 400 and a code', async (_, query) => {
  const { status, data, errors } = await api.query(query);
  expect({ status, data }).toEqual({ status: 400, data: undefined });
  expect(errors?.[0]?.extensions.code).toMatch(/^[A-Z_]+$/);
});

test('limits see through variables', async () => {
  const query =
    'query ($n: Int) { entities(first: $n) { edges { node { facts(first: $n) { edges { node { head { facts(first: $n) { totalCount } } } } } } } } }';
  expect(await api.query(query, { n: 100 })).toMatchObject({
    status: 400,
    errors: [{ extensions: { code: 'BAD_REQUEST' } }],
  });
  expect(await api.query(query, { n: 101 })).toMatchObject({
    status: 400,
    errors: [{ extensions: { code: 'BAD_REQUEST' } }],
  });
  expect(await api.query(query, { n: 2 })).toMatchObject({ status: 200, errors: undefined });
});

test('a filter cannot name a watchlist where there are no alert rules', async () => {
  const filter = '{filters: [{key: "head.watchlist", operator: eq, values: ["board"]}]}';
  const { errors } = await api.query(`{ facts(filter: ${filter}) { totalCount } }`);
  expect(errors?.[0]).toMatchObject({ extensions: { code: 'BAD_REQUEST' } });
  expect(errors?.[0]?.message).toContain('this server has none (ALERT_RULES)');
});

test('an error does not tell names of the schema', async () => {
  const { errors } = await api.query('{ entitie { id } }');
  expect(errors?.[0]?.message).not.toContain('entities');
});

test.each([
  ['{ entity { id } }'],
  ['{ entity(id: "a", name: "b") { id } }'],
  ['{ facts(minConfidence: 2) { totalCount } }'],
  ['{ nodes(ids: []) { id } }'],
  [`{ nodes(ids: [${'"x",'.repeat(101)}]) { id } }`],
])('%s is a bad request', async (query) => {
  const { errors } = await api.query(query);
  expect(errors?.[0]?.extensions.code).toBe('BAD_REQUEST');
});

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/graphql',
  '',
])('a body of type %j is refused with status 415', async (type) => {
  const body = type.includes('form-urlencoded') ? 'query=%7B__typename%7D' : '{"query":"{__typename}"}';
  const headers: Record<string, string> = type === '' ? {} : { 'content-type': type };
  const response = await fetch(`${api.url}/graphql`, { method: 'POST', headers, body: new Blob([body]) });
  expect(response.status).toBe(415);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
});

test('a body above 100 kB is refused with status 413, whether it tells its length or not', async () => {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ query: `{__typename}${' '.repeat(5_000_000)}` });
  const whole = await fetch(`${api.url}/graphql`, { method: 'POST', headers, body });
  expect(whole.status).toBe(413);
  const chunks = new Blob([body]).stream();
  const parts = await fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers,
    body: chunks,
    duplex: 'half',
  } as RequestInit);
  expect(parts.status).toBe(413);
});

test.each([['[{"query":"{__typename}"}]'], ['null'], ['"x"'], ['{'], ['{}'], ['{"query":7}']])(
  'the body %s is refused with status 400',
  async (body) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${api.url}/graphql`, { method: 'POST', headers, body });
    expect(response.status).toBe(400);
  },
);

/** Status of a JSON POST with any header. */
const postWith = (headers: readonly string[], path = '/graphql') =>
  statusOf(api.url, {
    headers: [...headers, 'content-type: application/json'],
    path,
    body: '{"query":"{ __typename }"}',
  });

test.each(['host: evil.com', 'host: localhost.evil.com', 'host: 10.0.0.1:4000'])(
  'refuses %s everywhere',
  async (host) => {
    for (const path of ['/', '/graphql', '/metrics', '/healthz']) expect(await postWith([host], path)).toBe(403);
  },
);

test.each(['https://evil.com', 'null', 'http://localhost:1'])('refuses pages of %s', async (origin) => {
  expect(await postWith(['host: localhost:4000', `origin: ${origin}`])).toBe(403);
});

test('a JSON POST to a name of this machine needs nothing else', async () => {
  for (const host of ['localhost', 'localhost:4000', '127.0.0.1:9', '[::1]:4000']) {
    expect(await postWith([`host: ${host}`])).toBe(200);
  }
  expect(await postWith(['host: localhost:4000', 'origin: http://localhost:4000'])).toBe(200);
});

test('other origins get no permission to read', async () => {
  const response = await fetch(`${api.url}/graphql?query={__typename}`);
  expect(response.headers.get('access-control-allow-origin')).toBeNull();
});

test('errors of ours are masked', async () => {
  await using broken = await openTestApi({
    wrap: (reader) =>
      Object.assign(Object.create(reader), {
        entityByName: async () => {
          throw new Error('password hunter2 in /etc/secret');
        },
        types: async () => {
          throw new GrapevineError('GRAPH_UNREACHABLE', 'connecting to neo4j://db.internal failed', {
            retryable: true,
          });
        },
        countFacts: async (queries: readonly object[]) => queries.map(() => 0),
        facts: async () => ({ items: [], hasNextPage: false }),
      }),
  });
  const internal = await broken.query('{ entity(name: "x") { id } facts { totalCount } }');
  expect(internal.data).toEqual({ entity: null, facts: { totalCount: 0 } });
  expect(internal.errors).toMatchObject([
    { message: 'Unexpected error.', path: ['entity'], extensions: { code: 'INTERNAL_SERVER_ERROR' } },
  ]);
  const away = await broken.query('{ types { entities } }');
  expect(away.errors?.[0]).toMatchObject({
    message: 'The graph could not answer; try again later.',
    extensions: { code: 'GRAPH_UNREACHABLE' },
  });
  expect(JSON.stringify([internal, away])).not.toMatch(/hunter2|secret|internal\b|stack|\.ts/);
});
