import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entityId } from '../../src/domain/ids.ts';
import { ACCOUNT_EVENTS, POST_EVENTS } from '../../src/domain/source-event.ts';
import { isRetryable } from '../../src/errors.ts';
import type { GraphStore } from '../../src/graph/graph-store.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { watchedId, watchedPairs } from '../../src/graph/plan/watched.ts';
import { NORM_VERSION } from '../../src/graph/resolve/normalise.ts';
import { type Act, decisionsOf, erasedBy, perform, recordsOf } from '../helpers/graph-acts.ts';
import { linesOf, relayAll, type TestDatabase } from '../helpers/graph-adapters.ts';
import { accountEvent, deletionOf, extractionOf, MEMBER_OF, postEvent } from '../helpers/graph-extractions.ts';
import {
  entitiesMentioned,
  entitiesTold,
  expectedGraph,
  factsIn,
  factsTold,
  graphOf,
} from '../helpers/graph-oracle.ts';
import { expectedEntities, sortedParts, toldEntities } from '../helpers/graph-oracle-entities.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

const id = fc.constantFrom('1', '2', '3', '4');
const version = fc.constantFrom('0', '1', '2', '10');
const relation = fc.tuple(fc.constant(MEMBER_OF), fc.nat(2), fc.nat(2), fc.constantFrom(0.4, 0.9));

/** Few values each, so that posts share facts, sources and authors and their versions collide. */
const creation = fc
  .record({
    id,
    version,
    generation: fc.constantFrom(1, 2),
    author: fc.constantFrom('a', 'b', 'c'),
    at: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01T00:05:00Z'),
    words: fc.constantFrom('the very same words as others', 'short', 'one more way to say it all'),
    mentions: fc.tuple(
      fc.tuple(fc.constantFrom('Ada', 'ada', 'Bo'), fc.constant('PER')),
      fc.tuple(fc.constantFrom('Harbour', 'HARBOUR', 'Northlight'), fc.constant('ORG')),
      fc.tuple(fc.constantFrom('Ada', 'Cy'), fc.constant('PER')),
    ),
    relations: fc.array(relation, { maxLength: 3 }),
    symmetric: fc.boolean(),
    repostOf: fc.option(id, { nil: undefined }),
    pictures: fc.constantFrom([], ['missing' as const]),
  })
  .map(({ repostOf, ...sketch }) => extractionOf(repostOf === undefined ? sketch : { ...sketch, repostOf }));
const deletion = fc.tuple(id, fc.option(version, { nil: undefined })).map(([post, at]) => deletionOf(post, at));
/** Before, between and after the times of the posts, and two at the same time. */
const eventTime = fc.constantFrom(
  '2025-12-31T00:00:00Z',
  '2026-01-01T00:00:00Z',
  '2026-01-01T00:03:00Z',
  '2026-02-01T00:00:00Z',
);
const countries = fc.constantFrom(undefined, ['DE']);
const accountMark = fc
  .tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(...ACCOUNT_EVENTS), eventTime, countries)
  .map(([author, event, at, where]) =>
    accountEvent(author, event, at, event === 'account.withheld' ? where : undefined),
  );
const postMark = fc
  .tuple(id, fc.constantFrom(...POST_EVENTS), eventTime, countries, version)
  .map(([post, event, at, where, to]) =>
    postEvent(post, event, at, {
      ...(event === 'post.withheld' && where ? { countries: where } : {}),
      ...(event === 'post.edited' ? { version: to } : {}),
    }),
  );
const erasure = fc.constantFrom('a', 'b', 'c').map((erase) => ({ erase }));
const names = [
  ['PER', 'ada'],
  ['PER', 'bo'],
  ['PER', 'cy'],
  ['ORG', 'harbour'],
  ['ORG', 'northlight'],
].map(([type = '', normName = '']) => ({ id: entityId(type, normName, NORM_VERSION), type, normName }));
const name = fc.constantFrom(...names);
/** Of whom mentions are told: two people, and who is mentioned beside a third or beside an organisation. */
const [ADA = '', BO = '', CY = '', HARBOUR = ''] = names.map(({ id: own }) => own);
const [ALONE, IN_PAIRS] = [
  [ADA, CY],
  [BO, HARBOUR],
];
const ruling = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('merge' as const), from: name, into: name }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('split' as const), entity: name }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(name, name)
      .map(([head, tail]) => ({ kind: 'reject' as const, headId: head.id, type: MEMBER_OF, tailId: tail.id })),
  },
  { weight: 2, arbitrary: fc.nat(9).map((n) => ({ kind: 'undo' as const, decisionId: `decision ${n}` })) },
);
const decision = ruling.map((decide) => ({ decide, id: '' }));
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: creation },
  { weight: 2, arbitrary: deletion },
  { weight: 2, arbitrary: accountMark },
  { weight: 2, arbitrary: postMark },
  { weight: 1, arbitrary: erasure },
  { weight: 4, arbitrary: decision },
);

/** What an outcome says when the record changed the graph. */
const CHANGING: ReadonlySet<string> = new Set(['created', 'replaced', 'deleted', 'hidden', 'restored', 'marked']);

/** A history, the same one in another order, and how both are cut into batches. */
const history = fc
  .array(act, { minLength: 1, maxLength: 16 })
  .map(numbered)
  .chain((acts) =>
    fc.record({
      acts: fc.constant(acts),
      shuffled: fc.shuffledSubarray(acts, { minLength: acts.length }).map(decisionsInOrder),
      size: fc.integer({ min: 1, max: 6 }),
    }),
  );

/** The decisions of a history, named by their places among them. */
function numbered(acts: readonly Act[]): Act[] {
  let count = 0;
  return acts.map((one) => ('decide' in one ? { ...one, id: `decision ${count++}` } : one));
}

/** Acts with their decisions, wherever they come, in the order of their numbers: what is decided builds on what was. */
function decisionsInOrder(acts: readonly Act[]): Act[] {
  const decisions = acts.filter((one) => 'decide' in one).sort((a, b) => numberOf(a) - numberOf(b));
  return acts.map((one) => ('decide' in one ? (decisions.shift() ?? one) : one));
}

function numberOf({ id }: { readonly id: string }): number {
  return Number(id.slice('decision '.length));
}

describe.each(graphAdapters())('graph histories on $name', (adapter) => {
  let database: TestDatabase;
  let graph: OpenGraph;
  let rival: OpenGraph;
  beforeAll(async () => {
    database = await adapter.database({ nowMs: 1000 });
    graph = await database.open();
    rival = await database.open();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  async function play(acts: readonly Act[], size: number): Promise<readonly string[]> {
    await database.clear();
    await graph.alerts.watch([...ALONE.map(watchedId), ...IN_PAIRS.map((id) => watchedPairs(watchedId(id)))], 0);
    for (let at = 0; at < acts.length; at += size) await perform(graph.store, acts.slice(at, at + size));
    const lines = await linesOf(graph.reader);
    const events = await relayAll(graph.store);
    expect(factsTold(events)).toEqual(factsIn(lines));
    const entities = expectedEntities(acts, await decisionsOf(graph.reader), { alone: ALONE, inPairs: IN_PAIRS });
    expect(sortedParts(toldEntities(events, entities))).toEqual(sortedParts(entities));
    return lines;
  }

  test('any order and any batches end in the graph that the records alone define', async () => {
    const runs = adapter.name === 'sqlite' ? 500 : 50;
    await fc.assert(
      fc.asyncProperty(history, async ({ acts, shuffled, size }) => {
        const whole = await play(acts, acts.length);
        const decisions = await decisionsOf(graph.reader);
        const expected = expectedGraph(recordsOf(acts), erasedBy(acts), decisions);
        expect(graphOf(whole)).toEqual(expected);
        expect(await play(shuffled, size)).toEqual(whole);
        const known = new Set(decisions.map(({ id }) => id));
        const again = await perform(
          graph.store,
          shuffled.filter((one) => !('decide' in one) || known.has(one.id)),
        );
        expect(again.filter((outcome) => CHANGING.has(outcome))).toEqual([]);
        expect(await linesOf(graph.reader)).toEqual(whole);
        expect(await relayAll(graph.store)).toEqual([]);
        await expectCounts(acts);
      }),
      { numRuns: runs, seed: 20_260_101 },
    );
  }, 300_000);

  test('two processes that write at once end in that graph too', async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ acts, shuffled, size }) => {
        await database.clear();
        const records = shuffled.filter((one) => !('decide' in one));
        await Promise.all([write(graph.store, acts, size), write(rival.store, records, 2)]);
        const lines = await linesOf(graph.reader);
        expect(graphOf(lines)).toEqual(expectedGraph(recordsOf(acts), erasedBy(acts), await decisionsOf(graph.reader)));
        const events = await relayAll(graph.store);
        expect(factsTold(events)).toEqual(factsIn(lines));
        const told = entitiesTold(events);
        expect(entitiesMentioned(lines).filter((id) => !told.has(id))).toEqual([]);
        await expectCounts(acts);
      }),
      { numRuns: 20, seed: 20_260_102 },
    );
  }, 300_000);

  test('an entity that one process leaves while another comes to it stays whole', async () => {
    await database.clear();
    const texts = ['Ada Lind', 'ADA LIND', 'ada lind'];
    const post = (number: number) => extractionOf({ id: `${number}`, mentions: [[texts[number % 3] ?? '', 'PER']] });
    for (let number = 1; number <= 30; number++) {
      const leave = number > 1 ? [deletionOf(`${number - 1}`)] : [];
      await Promise.all([write(graph.store, leave, 1), write(rival.store, [post(number)], 1)]);
      await expectCounts([]);
      expect((await graph.reader.stats()).entities).toBe(1);
    }
  });

  async function write(store: GraphStore, acts: readonly Act[], size: number): Promise<void> {
    for (let at = 0; at < acts.length; ) {
      try {
        await perform(store, acts.slice(at, at + size));
        at += size;
      } catch (error) {
        if (!isRetryable(error)) throw error;
      }
    }
  }

  /** Mention counts equal those of the mentions that can be read, and names are the most frequent of their texts. */
  async function expectCounts(acts: readonly Act[]): Promise<void> {
    const { items } = await graph.reader.entities({}, { first: 100 });
    for (const { node } of items) {
      const mentions = (await graph.reader.mentionsOfEntity(node.id, { first: 100 })).items;
      expect(node.mentionCount, JSON.stringify(acts)).toBe(mentions.length);
      const texts = mentions.map((mention) => mention.node.text);
      const count = (text: string) => texts.filter((other) => other === text).length;
      expect(node.name).toBe([...new Set(texts)].sort((a, b) => count(b) - count(a) || (a < b ? -1 : 1))[0]);
    }
    const mentions = await Promise.all(items.map(({ node }) => node.mentionCount));
    expect((await graph.reader.stats()).mentions).toBe(mentions.reduce((sum, count) => sum + count, 0));
  }
});
