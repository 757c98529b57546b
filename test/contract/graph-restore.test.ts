import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { exportJsonl } from '../../src/graph/export/export-jsonl.ts';
import { GraphRestorer, requireEmpty } from '../../src/graph/export/restore-graph.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { linesOf, relayAll, sqliteAdapter, type TestDatabase } from '../helpers/graph-adapters.ts';
import { accountEvent, deletionOf, extractionOf, memberPost, postEvent } from '../helpers/graph-extractions.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';
import { HOSTILE_TEXTS } from '../helpers/hostile-texts.ts';

/** More than one part of a scan, and every kind of row. */
const POSTS = [
  memberPost({ id: '1', pictures: ['ok', 'missing'] }),
  memberPost({ id: '2', author: 'b', generation: 3, version: '7' }),
  memberPost({ id: '3', organisation: 'Gone' }),
  ...HOSTILE_TEXTS.map((text, index) => extractionOf({ id: `h${index}`, words: text, mentions: [[text, 'MISC']] })),
  ...Array.from({ length: 1_001 }, (_, index) => extractionOf({ id: `many ${index}` })),
];

const LATER = '2026-02-01T00:00:00Z';

/** A post hidden by itself, one by its account, one blanked with its account, and marks of what is not there. */
const EVENTS = [
  memberPost({ id: 'hidden', organisation: 'Behind' }),
  postEvent('hidden', 'post.dropped', LATER),
  memberPost({ id: 'of c', author: 'c', organisation: 'Behind' }),
  accountEvent('c', 'account.suspended', LATER),
  memberPost({ id: 'of d', author: 'd', organisation: 'Behind' }),
  accountEvent('d', 'account.deleted', LATER),
  postEvent('unknown', 'post.withheld', LATER),
];

describe.each(graphAdapters())('a complete export on $name', (adapter) => {
  const clock = { nowMs: 1000 };
  let database: TestDatabase;
  let graph: OpenGraph;
  let origin: TestDatabase;
  let original: OpenGraph;
  beforeAll(async () => {
    database = await adapter.database(clock);
    graph = await database.open();
    // Of the other kind where there are two: an export is for both.
    origin = await sqliteAdapter.database(clock);
    original = await origin.open();
  });
  beforeEach(async () => {
    clock.nowMs = 1000;
    await database.clear();
    await origin.clear();
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
    await origin[Symbol.asyncDispose]();
  });

  async function restore(lines: readonly string[], into = graph) {
    const restorer = new GraphRestorer(into.store);
    for (const [index, line] of lines.entries()) await restorer.add(line, `line ${index + 1}`);
    return restorer.finish();
  }

  test('becomes the same graph again, with its times and without news', async () => {
    await original.store.replacePosts(POSTS);
    clock.nowMs = 2000;
    await original.store.replacePosts([deletionOf('3', '9'), deletionOf('never seen'), ...EVENTS]);
    const told = await relayAll(original.store);
    clock.nowMs = 9000;
    const lines = await all(exportJsonl(original.reader));
    expect(await restore(lines)).toEqual({ posts: POSTS.length + 4, facts: 1 });
    expect(await linesOf(graph.reader)).toEqual(await linesOf(original.reader));
    const [fact] = (await graph.reader.facts({}, { first: 1 })).items;
    expect(fact).toEqual((await original.reader.facts({}, { first: 1 })).items[0]);
    expect(await graph.reader.countFacts([{ asOfMs: 1500 }])).toEqual([2]);
    expect(await relayAll(graph.store)).toEqual([]);
    expect(await graph.reader.lastPosition()).toBe(told.length);
    const back = [postEvent('hidden', 'post.undropped', '2026-03-01T00:00:00Z')];
    const outcomes = await graph.store.replacePosts([...back, ...EVENTS.slice(2)]);
    expect(outcomes).toEqual(['restored', ...Array(5).fill('unchanged')]);
  });

  test('gives the same export again', async () => {
    await original.store.replacePosts([...POSTS, ...EVENTS, deletionOf('3', '9')]);
    const lines = await all(exportJsonl(original.reader));
    await restore(lines);
    const again = await all(exportJsonl(graph.reader));
    const parsed = (texts: readonly string[]) => texts.map((text) => JSON.parse(text) as unknown);
    expect(parsed(again)).toEqual(parsed(lines));
  });

  test('knows every version it has seen', async () => {
    await original.store.replacePosts([...POSTS.slice(0, 3), deletionOf('3', '9')]);
    await restore(await all(exportJsonl(original.reader)));
    expect(await graph.store.replacePosts([...POSTS.slice(0, 3), deletionOf('3', '9')])).toEqual([
      'unchanged',
      'unchanged',
      'tombstoned',
      'unchanged',
    ]);
    expect(await graph.store.replacePosts([memberPost({ id: '2', author: 'b', generation: 2, version: '7' })])).toEqual(
      ['lower_generation'],
    );
    clock.nowMs = 3000;
    await graph.store.replacePosts([memberPost({ id: '4', organisation: 'New' })]);
    const next = await relayAll(graph.store);
    expect(next.map(({ kind }) => kind)).toEqual(['entity.created', 'fact.created']);
    await graph.store.replacePosts([memberPost({ id: '5', organisation: 'Unheard' })]);
    await graph.store.forgetEvents();
    expect(await relayAll(graph.store)).toEqual([]);
    expect(await graph.reader.eventsAfter(0, 10)).toEqual(next);
  });

  test('that is not whole, out of order or no export is told', async () => {
    await original.store.replacePosts(POSTS.slice(0, 2));
    const lines = await all(exportJsonl(original.reader));
    const wrong = ['x', 'null', '7', '{}', '{"line":"graph","format":99}'].map((line) => [line]);
    for (const broken of [lines.slice(0, -1), lines.toSpliced(1, 1), lines.slice(1), [], ...wrong]) {
      await database.clear();
      await expect(restore(broken)).rejects.toMatchObject({ code: 'INPUT_UNREADABLE' });
    }
  });

  test('is put only where nothing is', async () => {
    await requireEmpty(graph.reader);
    await graph.store.replacePosts([deletionOf('1')]);
    await expect(requireEmpty(graph.reader)).rejects.toMatchObject({ code: 'USAGE' });
  });
});

async function all(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const line of lines) found.push(line);
  return found;
}
