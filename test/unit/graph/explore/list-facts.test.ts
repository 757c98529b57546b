import { expect, test } from 'vitest';
import type { Fact } from '../../../../src/domain/graph.ts';
import { FactFilter } from '../../../../src/graph/explore/fact-filter.ts';
import { countListed, listFacts } from '../../../../src/graph/explore/list-facts.ts';
import type { GraphReader, PageRequest } from '../../../../src/graph/graph-reader.ts';

/** A reader of facts that are counted at 0, 1, 2 and so on posts, in this order. */
function reader(length: number) {
  const asked: PageRequest[] = [];
  const fake = {
    async facts(_query: object, page: PageRequest) {
      asked.push(page);
      const start = page.after === undefined ? 0 : Number(page.after) + 1;
      const count = Math.max(0, Math.min(page.first, length - start));
      const items = Array.from({ length: count }, (_, i) => ({
        node: { evidenceCount: start + i } as Fact,
        cursor: `${start + i}`,
      }));
      return { items, hasNextPage: start + count < length };
    },
    entitiesById: async () => [],
  };
  return { reader: fake as Pick<GraphReader, 'facts' | 'entitiesById'>, asked };
}

const atLeast = (graph: Pick<GraphReader, 'entitiesById'>, count: number) =>
  new FactFilter(graph, {
    mode: 'and',
    filters: [{ key: 'evidenceCount', operator: 'gte', values: [count] }],
    filterGroups: [],
  });

test('pages are full whatever the filter leaves out, and go on without a hole', async () => {
  const { reader: graph } = reader(1000);
  const one = await listFacts(graph, {}, { first: 3 }, atLeast(graph, 250));
  expect(one.items.map(({ cursor }) => cursor)).toEqual(['250', '251', '252']);
  expect(one.hasNextPage).toBe(true);
  const two = await listFacts(graph, {}, { first: 2, after: '997' }, atLeast(graph, 250));
  expect(two).toMatchObject({ hasNextPage: false, items: [{ cursor: '998' }, { cursor: '999' }] });
  expect(await listFacts(graph, {}, { first: 2 }, atLeast(graph, 5000))).toEqual({ items: [], hasNextPage: false });
  expect(await countListed(graph, {}, atLeast(graph, 250))).toBe(750);
});

test('a filter that fits none of very many stops, and can go on', async () => {
  const { reader: graph, asked } = reader(50_000);
  const page = await listFacts(graph, {}, { first: 10 }, atLeast(graph, 30_000));
  expect(page).toEqual({ items: [], hasNextPage: true, endCursor: '19999' });
  expect(asked).toHaveLength(200);
  const next = await listFacts(graph, {}, { first: 1, after: page.endCursor ?? '' }, atLeast(graph, 30_000));
  expect(next).toMatchObject({ items: [{ cursor: '30000' }], hasNextPage: true });
});
