import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import type { TestDatabase } from '../helpers/graph-adapters.ts';
import { extractionOf } from '../helpers/graph-extractions.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 0, 1, 12);

describe.each(graphAdapters())('activity on $name', (adapter) => {
  let database: TestDatabase;
  let graph: OpenGraph;
  let posts = 0;
  beforeAll(async () => {
    database = await adapter.database({ nowMs: 1000 });
    graph = await database.open();
  });
  beforeEach(() => database.clear());
  afterAll(() => database[Symbol.asyncDispose]());

  /** Writes a post that mentions the names at each of the times, given in hours from noon. */
  async function mention(names: readonly string[], ...hours: readonly number[]): Promise<void> {
    const post = (hour: number) =>
      extractionOf({
        id: `p${++posts}`,
        author: `a${posts}`,
        at: new Date(NOON + hour * HOUR).toISOString(),
        mentions: names.map((name) => [name, name.startsWith('Club') ? 'ORG' : 'PER'] as const),
      });
    await graph.store.replacePosts(hours.map(post));
  }
  const idOf = async (name: string) => (await graph.reader.entityByName(name))?.id ?? '';

  test('when an entity was mentioned first and last', async () => {
    await mention(['Ada'], 3, 1, 2);
    await mention(['Bo'], -5);
    expect(await graph.reader.mentionSpans([await idOf('Ada'), 'ent_none', await idOf('Bo')])).toEqual([
      { firstMs: NOON + HOUR, lastMs: NOON + 3 * HOUR },
      undefined,
      { firstMs: NOON - 5 * HOUR, lastMs: NOON - 5 * HOUR },
    ]);
    expect(await graph.reader.mentionSpans([])).toEqual([]);
  });

  test('mentions by time, from a time to before another', async () => {
    await mention(['Ada'], 0, 0.5, 1, 3.99, 4, -0.01);
    await mention(['Bo'], 1);
    const query = { fromMs: NOON, toMs: NOON + 4 * HOUR, bucketMs: HOUR };
    expect(await graph.reader.timeline(await idOf('Ada'), query)).toEqual([
      { bar: 0, mentions: 2 },
      { bar: 1, mentions: 1 },
      { bar: 3, mentions: 1 },
    ]);
    expect(await graph.reader.timeline('ent_none', query)).toEqual([]);
  });

  test('what is mentioned more than before, what stands out most first', async () => {
    await mention(['Ada'], 0.5, 0.6, 0.7, 1);
    await mention(['Club Bee'], -0.5, 0.5, 0.6, 1);
    await mention(['Cy'], -0.5, -0.6, 0.5);
    await mention(['Old'], -1, -2);
    await mention(['Future'], 1.01);
    await mention(['Edge'], 0);
    const query = { untilMs: NOON + HOUR, windowMs: HOUR, first: 10 };
    const trends = await graph.reader.trends(query);
    const [ada, bee] = [await idOf('Ada'), await idOf('Club Bee')];
    expect(trends).toEqual({
      sinceMs: NOON,
      entities: [
        { entityId: ada, mentions: 4, before: 0, score: 2 },
        { entityId: bee, mentions: 3, before: 1, score: 1 },
      ],
    });
    expect((await graph.reader.trends({ ...query, first: 1 })).entities).toHaveLength(1);
    const clubs = await graph.reader.trends({ ...query, type: 'ORG' });
    expect(clubs.entities.map(({ entityId }) => entityId)).toEqual([bee]);
    expect((await graph.reader.trends({ ...query, untilMs: 0 })).entities).toEqual([]);
  });
});
