import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Extraction } from '../../src/domain/extraction.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { resolvePost } from '../../src/graph/resolve/resolve-post.ts';
import { linesOf, relayAll, type TestDatabase } from '../helpers/graph-adapters.ts';
import { deletionOf, memberPost } from '../helpers/graph-extractions.ts';
import { factNumbers, factsIn, factsTold } from '../helpers/graph-oracle.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

/** So many that the fact keeps parts. */
const MANY = 300;

const post = fc.nat(MANY + 20).map(String);
const source = fc.record({
  author: fc.nat(60).map(String),
  at: fc.nat(30).map((minute) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString()),
  words: fc.oneof(
    fc.constant('the very same words as others'),
    fc.integer().map((n) => `some words of its own ${n}`),
  ),
  p: fc.constantFrom(0.2, 0.5, 0.8, 0.95),
  repostOf: fc.option(post, { nil: undefined, freq: 3 }),
});

type Source = typeof source extends fc.Arbitrary<infer T> ? T : never;

function said(id: string, version: string, { repostOf, ...more }: Source): Extraction {
  return memberPost({ id, version, ...more, ...(repostOf === undefined ? {} : { repostOf }) });
}

const first = fc.array(source, { minLength: MANY, maxLength: MANY });
const later = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.tuple(post, source).map(([id, more]) => said(id, '1', more)) },
    { weight: 1, arbitrary: post.map((id) => deletionOf(id, '1')) },
    { weight: 1, arbitrary: fc.tuple(post, source).map(([id, more]) => said(id, '2', more)) },
  ),
  { minLength: 30, maxLength: 60 },
);

describe.each(graphAdapters())('a fact with much evidence on $name', (adapter) => {
  let database: TestDatabase;
  let graph: OpenGraph;
  beforeAll(async () => {
    database = await adapter.database({ nowMs: 1000 });
    graph = await database.open();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  async function write(records: readonly Extraction[], size: number): Promise<void> {
    for (let at = 0; at < records.length; at += size) await graph.store.replacePosts(records.slice(at, at + size));
  }

  /** The fact has the numbers of a recount, to the last bit of the confidence. */
  async function expectNumbers(live: ReadonlyMap<string, Extraction>): Promise<void> {
    const evidence = [...live.values()].flatMap((record) => resolvePost(record).evidence);
    const [fact] = await graph.reader.factsById([evidence[0]?.factId ?? '']);
    expect(fact).toMatchObject(factNumbers(evidence) ?? {});
  }

  test('equals a recount after every batch, on the way up, down and up again', async () => {
    await fc.assert(
      fc.asyncProperty(first, later, fc.integer({ min: 1, max: 25 }), async (begin, changes, size) => {
        await database.clear();
        const live = new Map<string, Extraction>();
        const records = new Map<string, Extraction[]>();
        const play = async (batch: readonly Extraction[], batchSize: number) => {
          await write(batch, batchSize);
          for (const record of batch) {
            const { id = '' } = record.post;
            records.set(id, [...(records.get(id) ?? []), record]);
            const winner = winnerOf(records.get(id) ?? []);
            if (winner) live.set(id, winner);
            else live.delete(id);
          }
          await expectNumbers(live);
        };
        await play(
          begin.map((more, index) => said(`${index}`, '0', more)),
          64,
        );
        for (let at = 0; at < changes.length; at += size) await play(changes.slice(at, at + size), size);
        const most = [...live.keys()].slice(100);
        await play(
          most.map((id) => deletionOf(id, '5')),
          50,
        );
        await play(
          begin.map((more, index) => said(`${index}`, '6', more)),
          100,
        );
        expect(factsTold(await relayAll(graph.store))).toEqual(factsIn(await linesOf(graph.reader)));
      }),
      { numRuns: adapter.name === 'sqlite' ? 6 : 2, seed: 20_260_110, endOnFailure: true },
    );
  }, 300_000);

  test('lists its evidence page by page', async () => {
    await database.clear();
    const at = (index: number) => new Date(Date.UTC(2026, 0, 1, 0, index % 50)).toISOString();
    const posts = Array.from({ length: 270 }, (_, index) => memberPost({ id: `${index}`, at: at(index) }));
    await write(posts, 90);
    const [factId = ''] = factsIn(await linesOf(graph.reader));
    const seen: (readonly [number, string])[] = [];
    for (let after: string | undefined, more = true; more; ) {
      const page = await graph.reader.evidence(factId, { first: 80, ...(after === undefined ? {} : { after }) });
      seen.push(...page.items.map(({ node }) => [node.eventMs, node.postId] as const));
      after = page.items.at(-1)?.cursor;
      more = page.hasNextPage;
    }
    expect(seen).toHaveLength(270);
    expect(seen).toEqual(seen.toSorted(([a, x], [b, y]) => a - b || (x < y ? -1 : 1)));
  });
});

/** The record of a post that counts; undefined for a deletion. */
function winnerOf(records: readonly Extraction[]): Extraction | undefined {
  const [best] = records
    .map((record) => ({ record, row: resolvePost(record).row }))
    .sort(
      (a, b) =>
        Number(b.row.version) - Number(a.row.version) ||
        Number(b.row.deleted) - Number(a.row.deleted) ||
        (b.row.contentHash > a.row.contentHash ? 1 : -1),
    );
  return best?.row.deleted ? undefined : best?.record;
}
