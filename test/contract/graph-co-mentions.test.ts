import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import type { TestDatabase } from '../helpers/graph-adapters.ts';
import { deletionOf, extractionOf } from '../helpers/graph-extractions.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

describe.each(graphAdapters())('co-mentions on $name', (adapter) => {
  let database: TestDatabase;
  let graph: OpenGraph;
  beforeAll(async () => {
    database = await adapter.database({ nowMs: 1000 });
    graph = await database.open();
  });
  beforeEach(() => database.clear());
  afterAll(() => database[Symbol.asyncDispose]());

  const post = (id: string, at: string, ...names: readonly string[]) =>
    extractionOf({ id, at, mentions: names.map((name) => [name, 'PER'] as const) });
  async function beside(name: string, sinceMs?: number) {
    const entity = await graph.reader.entityByName(name);
    const found = await graph.reader.coMentions(entity?.id ?? '', sinceMs);
    const others = await graph.reader.entitiesById(found.map((other) => other.entityId));
    return found.map(({ posts, days }, index) => [others[index]?.name, posts, days.map((day) => Object.values(day))]);
  }

  test('counts posts, not mentions, by day, and follows what becomes of them', async () => {
    await graph.store.replacePosts([
      post('1', '2026-01-01T23:59:59Z', 'Ada', 'Bo', 'Bo', 'Ada', 'Cy'),
      post('2', '2026-01-02T00:00:00Z', 'Bo', 'Ada'),
      post('3', '2026-01-02T12:00:00Z', 'Bo', 'Ada'),
      post('4', '2026-01-02T12:00:00Z', 'Bo', 'Cy'),
    ]);
    const [one, two] = ['2026-01-01', '2026-01-02'];
    expect(await beside('Ada')).toEqual([
      [
        'Bo',
        3,
        [
          [one, 1],
          [two, 2],
        ],
      ],
      ['Cy', 1, [[one, 1]]],
    ]);
    expect(await beside('Ada', Date.parse('2026-01-02'))).toEqual([['Bo', 2, [[two, 2]]]]);
    await graph.store.replacePosts([deletionOf('1')]);
    expect(await beside('Ada')).toEqual([['Bo', 2, [[two, 2]]]]);
    expect(await beside('Nobody')).toEqual([]);
    expect(await graph.reader.stats()).toMatchObject({ facts: 0 });
  });

  test('the first eight entities of a post count, the others neither for it nor for themselves', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `Name ${index}`);
    await graph.store.replacePosts([post('1', '2026-01-01T00:00:00Z', ...names)]);
    expect(await beside('Name 0')).toHaveLength(7);
    expect(await beside('Name 9')).toEqual([]);
  });
});
