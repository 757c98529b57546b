import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entityKeyOf } from '../../src/graph/resolve/entity-key.ts';
import { sketch } from '../helpers/api-extractions.ts';
import { openTestApiOn, type TestApi } from '../helpers/api-server.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

const FIELDS = `
  name externalIds parts { id type normName }
  suggestions { score from { name } into { name type facts(first: 1) { totalCount } } reasons { kind score detail } }`;

describe.each(graphAdapters())('resolution on $name', (adapter) => {
  let api: TestApi;

  beforeAll(async () => {
    api = await openTestApiOn(adapter);
    await api.store.replacePosts([
      sketch({ id: '1', minute: 1, text: 'The [N.A.S.A.|ORG] flies' }),
      sketch({ id: '2', minute: 2, text: '[National Aeronautics and Space Administration|ORG] flies' }),
      sketch({ id: '3', minute: 3, text: '[Jordan|PER] flies to [Jordan|LOC]' }),
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

  test('they cost what it takes to work them out', async () => {
    const { errors } = await api.query('{ entities(first: 100) { edges { node { suggestions { score } } } } }');
    expect(errors).toBeUndefined();
    const twice = 'a: suggestions { score } b: suggestions { score } c: suggestions { score }';
    const refused = await api.query(`{ entities(first: 100) { edges { node { ${twice} } } } }`);
    expect(refused.errors?.[0]?.extensions.code).toBe('BAD_REQUEST');
  });
});
