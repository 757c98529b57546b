import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sketch } from '../helpers/api-extractions.ts';
import { openTestApiOn, type TestApiOn } from '../helpers/api-server.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

const ERRORS = 'userErrors { field code message }';
const DECISION =
  'decision { id kind reason at isInForce entities { normName now { name } } fact { id } undone { id } }';
const MERGE = `mutation ($input: MergeEntitiesInput!) { mergeEntities(input: $input) {
  ${DECISION} entity { name mentionCount parts { id } } ${ERRORS} } }`;
const SPLIT = `mutation ($input: SplitEntityInput!) { splitEntity(input: $input) {
  ${DECISION} entity { name mentionCount } from { mentionCount } ${ERRORS} } }`;
const APART = `mutation ($input: KeepEntitiesApartInput!) { keepEntitiesApart(input: $input) { ${DECISION} ${ERRORS} } }`;
const REJECT = `mutation ($id: ID!, $reason: String) { rejectFact(id: $id, reason: $reason) { factId ${DECISION} ${ERRORS} } }`;
const UNDO = `mutation ($id: ID!) { undoDecision(id: $id) { ${DECISION} ${ERRORS} } }`;
const LOG = `query ($first: Int, $after: String) { decisions(first: $first, after: $after) {
  totalCount edges { cursor node { id kind reason isInForce } } pageInfo { hasNextPage endCursor } } }`;

describe.each(graphAdapters())('on $name', (adapter) => {
  let api: TestApiOn;

  beforeAll(async () => {
    api = await openTestApiOn(adapter);
  });
  afterAll(() => api[Symbol.asyncDispose]());
  beforeEach(async () => {
    await api.database.clear();
    await api.store.replacePosts([
      sketch({
        id: '1',
        text: '[Ada Lark|PER] joins [Orbit FC|ORG]',
        relations: [{ type: '/per/org/member_of', head: 0, tail: 1 }],
      }),
      sketch({ id: '2', text: '[Orbit Football Club|ORG] wins, [Orbit Football Club|ORG]!' }),
    ]);
  });

  const idOf = async (name: string) =>
    (await api.query('query ($name: String) { entity(name: $name) { id } }', { name })).data.entity.id as string;
  const factIds = async () =>
    (await api.query('{ facts { edges { node { id } } } }')).data.facts.edges.map(
      (edge: { node: { id: string } }) => edge.node.id,
    );
  const run = async (query: string, variables: Record<string, unknown>) => {
    const { data, errors } = await api.query(query, variables);
    expect(errors).toBeUndefined();
    return Object.values(data)[0] as any;
  };

  test('a merge shows the one entity that both are, a split both again', async () => {
    const [from, into] = [await idOf('Orbit FC'), await idOf('Orbit Football Club')];
    const merged = await run(MERGE, { input: { from, into, reason: 'same club' } });
    expect(merged).toMatchObject({
      decision: { kind: 'MERGE', reason: 'same club', isInForce: true, entities: [{ normName: 'orbit fc' }, {}] },
      entity: { mentionCount: 3, parts: [{ id: from }] },
      userErrors: [],
    });
    expect(merged.decision.entities[0].now.name).toBe(merged.entity.name);
    const split = await run(SPLIT, { input: { entity: from } });
    expect(split).toMatchObject({
      decision: { kind: 'SPLIT' },
      entity: { name: 'Orbit FC', mentionCount: 1 },
      from: { mentionCount: 2 },
      userErrors: [],
    });
  });

  test('what cannot be decided is said, by field, and changes nothing', async () => {
    const [one, other] = [await idOf('Orbit FC'), await idOf('Orbit Football Club')];
    const nobody = `ent_${'0'.repeat(32)}`;
    const errorOf = async (query: string, variables: Record<string, unknown>) => {
      const { userErrors, decision } = await run(query, variables);
      expect(decision).toBeNull();
      return [userErrors[0].field, userErrors[0].code];
    };
    expect(await errorOf(MERGE, { input: { from: nobody, into: other } })).toEqual(['from', 'NOT_FOUND']);
    expect(await errorOf(MERGE, { input: { from: one, into: 'x' } })).toEqual(['into', 'NOT_FOUND']);
    expect(await errorOf(MERGE, { input: { from: one, into: one } })).toEqual([null, 'NOT_POSSIBLE']);
    expect(await errorOf(SPLIT, { input: { entity: one } })).toEqual(['entity', 'NOT_MERGED']);
    expect(await errorOf(REJECT, { id: 'fact_x' })).toEqual(['id', 'NOT_FOUND']);
    expect(await errorOf(UNDO, { id: 'dec_x' })).toEqual(['id', 'NOT_FOUND']);
    const long = { from: one, into: other, reason: 'x'.repeat(2001) };
    expect(await errorOf(MERGE, { input: long })).toEqual(['reason', 'TOO_LONG']);
    await run(MERGE, { input: { from: one, into: other } });
    expect(await errorOf(MERGE, { input: { from: one, into: other } })).toEqual(['from', 'ALREADY_MERGED']);
    expect(await errorOf(APART, { input: { one, other } })).toEqual([null, 'NOT_POSSIBLE']);
    expect((await run(LOG, {})).totalCount).toBe(1);
  });

  test('a rejected fact is gone until the decision is undone, and no longer a second time', async () => {
    const [id] = await factIds();
    const rejected = await run(REJECT, { id, reason: 'a joke' });
    expect(rejected).toMatchObject({ factId: id, decision: { kind: 'REJECT', fact: { id } }, userErrors: [] });
    expect(await factIds()).toEqual([]);
    const undone = await run(UNDO, { id: rejected.decision.id });
    expect(undone.decision).toMatchObject({ kind: 'UNDO', undone: { id: rejected.decision.id } });
    expect(await factIds()).toEqual([id]);
    expect((await run(UNDO, { id: rejected.decision.id })).userErrors).toMatchObject([{ code: 'NOT_POSSIBLE' }]);
  });

  test('decisions are listed newest first, page by page, with whether they hold', async () => {
    const [one, other] = [await idOf('Orbit FC'), await idOf('Orbit Football Club')];
    const apart = await run(APART, { input: { one, other, reason: 'two clubs' } });
    expect(apart.decision).toMatchObject({ kind: 'DISTINCT', entities: [{ normName: 'orbit fc' }, {}] });
    await run(UNDO, { id: apart.decision.id });
    await run(MERGE, { input: { from: one, into: other } });
    const first = await run(LOG, { first: 2 });
    expect(first).toMatchObject({
      totalCount: 3,
      edges: [{ node: { kind: 'MERGE', isInForce: true } }, { node: { kind: 'UNDO' } }],
      pageInfo: { hasNextPage: true },
    });
    const next = await run(LOG, { first: 2, after: first.pageInfo.endCursor });
    expect(next).toMatchObject({
      edges: [{ node: { kind: 'DISTINCT', reason: 'two clubs', isInForce: false } }],
      pageInfo: { hasNextPage: false },
    });
    const { errors } = await api.query(LOG, { after: 'x' });
    expect(errors?.[0]?.extensions.code).toBe('BAD_CURSOR');
  });
});
