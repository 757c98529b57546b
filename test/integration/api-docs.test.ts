import { readFileSync } from 'node:fs';
import { getOperationAST, parse } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { subscribe } from '../helpers/api-events.ts';
import { sketch } from '../helpers/api-extractions.ts';
import { openTestApi, type TestApi } from '../helpers/api-server.ts';

const page = readFileSync(new URL('../../docs/graphql.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, source = '']) => {
  const operation = getOperationAST(parse(source));
  return { source, name: operation?.name?.value ?? '', kind: operation?.operation };
});

let api: TestApi;

beforeAll(async () => {
  api = await openTestApi();
  const companies = sketch({ id: '0', text: '[IBM|ORG] is short for [International Business Machines|ORG]' });
  await api.store.replacePosts([companies, welcome('1')]);
  await api.relay();
});
afterAll(() => api[Symbol.asyncDispose]());

const welcome = (id: string) =>
  sketch({
    id,
    text: `[Mara Lindqvist|PER] joins [Harbour Robotics|ORG], says account ${id} of many`,
    relations: [{ type: '/per/org/member_of', head: 0, tail: 1 }],
    pictures: [{ source: 'logo.jpg', outcome: 'ok' }],
  });

test('the page has examples', () => {
  expect(examples.length).toBeGreaterThan(5);
});

test.each(examples.filter((example) => example.kind === 'query'))('$name answers', async ({ source, name }) => {
  const { status, data, errors } = await api.query(source);
  expect({ status, errors }).toEqual({ status: 200, errors: undefined });
  if (!['Again', 'Decisions', 'Alarms'].includes(name))
    expect(JSON.stringify(data)).toMatch(/Mara Lindqvist|member_of/);
});

test.each(examples.filter((example) => example.kind === 'mutation'))('$name is taken', async ({ source, name }) => {
  const ids = ['IBM', 'International Business Machines'].map(async (entity) => {
    const { data } = await api.query('query ($entity: String) { entity(name: $entity) { id } }', { entity });
    return data.entity.id as string;
  });
  const [from, into] = await Promise.all(ids);
  const { data, errors } = await api.query(source, name === 'Merge' ? { from, into } : {});
  expect(errors).toBeUndefined();
  expect(Object.values(data)).toMatchObject([{ userErrors: [] }]);
});

test.each(examples.filter((example) => example.kind === 'subscription'))(
  '$name follows the graph',
  async ({ source, name }) => {
    const { data } = await api.query('{ entity(name: "Mara Lindqvist") { id } }');
    const variables = name === 'Watch' ? { ids: [data.entity.id] } : { since: null };
    await using following = await subscribe(api.url, source, variables);
    await api.store.replacePosts([welcome(`of ${name}`)]);
    await api.relay();
    const results = [await following.next()];
    if (name === 'Watch' || name === 'Feed') results.push(await following.next());
    expect(results[0]?.errors).toBeUndefined();
    // Nobody decides on alerts here: what comes is the first heartbeat.
    expect(JSON.stringify(results)).toMatch(name === 'Alarm' ? /HEARTBEAT/ : /"name":"Mara Lindqvist"/);
  },
);
