import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entityKeyOf } from '../../src/graph/resolve/entity-key.ts';
import { sketch } from '../helpers/api-extractions.ts';
import { openTestApiOn, type TestApi } from '../helpers/api-server.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

const FIELDS = `
  name externalIds parts { id type normName }
  suggestions { score from { name } into { name type facts(first: 1) { totalCount } } reasons { kind score detail } }`;

const ACCEPT = `mutation ($input: AcceptSuggestionInput!) { acceptSuggestion(input: $input) {
  decision { kind reason isInForce } entity { name mentionCount parts { id } } userErrors { field code message } } }`;

describe.each(graphAdapters())('resolution on $name', (adapter) => {
  let api: TestApi;

  beforeAll(async () => {
    api = await openTestApiOn(adapter);
    await api.store.replacePosts([
      sketch({ id: '1', minute: 1, text: 'The [N.A.S.A.|ORG] flies' }),
      sketch({ id: '2', minute: 2, text: '[National Aeronautics and Space Administration|ORG] flies' }),
      sketch({ id: '3', minute: 3, text: '[Jordan|PER] flies to [Jordan|LOC]' }),
      sketch({ id: '4', minute: 4, text: '[United Nations Organisation|ORG] meets, says [UNO|ORG]' }),
      sketch({ id: '5', minute: 5, text: '[United Nations Organisation|ORG] meets again' }),
    ]);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  test('an entity with what may be the same, what was merged into it and what others call it', async () => {
    const read = async () => {
      const { data, errors } = await api.query(`{ entity(name: "nasa") { ${FIELDS} } }`);
      expect(errors).toBeUndefined();
      return data.entity;
    };
    const full = 'National Aeronautics and Space Administration';
    expect(await read()).toEqual({
      name: 'N.A.S.A.',
      externalIds: [],
      parts: [],
      suggestions: [
        {
          score: 0.6,
          from: { name: 'N.A.S.A.' },
          into: { name: full, type: 'ORG', facts: { totalCount: 0 } },
          reasons: [{ kind: 'ACRONYM', score: 0.6, detail: expect.stringContaining('is the acronym of') }],
        },
      ],
    });
    const [from, into] = [entityKeyOf('ORG', 'NASA'), entityKeyOf('ORG', full)];
    await api.store.decide({ kind: 'identify', entity: from, externalId: 'wikidata:Q23548' });
    await api.store.decide({ kind: 'merge', from, into });
    const { data } = await api.query(`{ entity(id: "${from.id}") { ${FIELDS} } }`);
    // The form that posts use most; of equally many the first.
    expect(data.entity).toEqual({
      name: 'N.A.S.A.',
      externalIds: ['wikidata:Q23548'],
      parts: [from],
      suggestions: [],
    });
  });

  test('a suggestion is accepted as it stands, and only while it stands', async () => {
    const accept = async (from: string, into: string, reason?: string) =>
      (await api.query(ACCEPT, { input: { from, into, reason } })).data.acceptSuggestion;
    const idOf = (name: string) => entityKeyOf('ORG', name).id;
    const [short, full] = [idOf('UNO'), idOf('United Nations Organisation')];
    const nobody = `ent_${'0'.repeat(32)}`;
    expect((await accept(short, nobody)).userErrors).toMatchObject([{ field: 'into', code: 'NOT_FOUND' }]);
    // Nothing suggests it the other way round, nor that two others are one.
    expect((await accept(full, short)).userErrors).toMatchObject([{ field: null, code: 'STALE' }]);
    expect((await accept(short, idOf('NASA'))).userErrors).toMatchObject([{ code: 'STALE' }]);
    expect(await accept(short, full)).toMatchObject({
      decision: { kind: 'MERGE', reason: expect.stringMatching(/^suggested with 0\.6: acronym/), isInForce: true },
      entity: { name: 'United Nations Organisation', mentionCount: 3, parts: [{ id: short }] },
      userErrors: [],
    });
    expect(await accept(short, full)).toMatchObject({ decision: null, userErrors: [{ code: 'STALE' }] });
  });

  test('they cost what it takes to work them out', async () => {
    const { errors } = await api.query('{ entities(first: 100) { edges { node { suggestions { score } } } } }');
    expect(errors).toBeUndefined();
    const twice = 'a: suggestions { score } b: suggestions { score } c: suggestions { score }';
    const refused = await api.query(`{ entities(first: 100) { edges { node { ${twice} } } } }`);
    expect(refused.errors?.[0]?.extensions.code).toBe('BAD_REQUEST');
  });
});
