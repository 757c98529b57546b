// The records of the list of bad inputs, each through the stage as it ships and into a real graph: case, outcome, counter.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Extraction } from '../../src/domain/extraction.ts';
import type { Post } from '../../src/domain/post.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { sqliteAdapter, type TestDatabase } from '../helpers/graph-adapters.ts';
import { counted, type GivenRecord, runRecords } from '../helpers/stage-run.ts';

type Counter = readonly [name: string, labels: Readonly<Record<string, string>>, value: number];

interface Case {
  readonly number: number;
  readonly what: string;
  readonly records: readonly GivenRecord[];
  /** Class of the dead letter, one a rejected record. */
  readonly letters?: readonly string[];
  readonly counter: Counter;
  /** What else has to hold. */
  readonly also?: (extractions: readonly Extraction[]) => void;
}

const WHEN = '2026-05-15T09:00:00.000Z';
const post = (fields: Record<string, unknown> = {}) => ({
  id: '1',
  platform: 'x',
  text: 'Ana Lima moves to Lisbon',
  author: { id: 'a1' },
  createdAt: WHEN,
  ...fields,
});
const json = (fields: Record<string, unknown> = {}): GivenRecord => ({ value: JSON.stringify(post(fields)) });
const raw = (value: GivenRecord['value']): GivenRecord => ({ value });
const rejected = (reason: string): Counter => ['records_rejected', { reason, stage: 'extract' }, 1];
const upserted = (outcome: string): Counter => ['posts_upserted', { outcome }, 1];
const only = (extractions: readonly Extraction[]) => extractions[0]?.post as Post;
const ODD_TEXT = `\u200b\u0301\u202e\ud800 Ana Lima ${'\u0301'.repeat(2000)}${'\u200d'.repeat(2000)} Lisbon`;

const CASES: readonly Case[] = [
  { number: 1, what: 'an empty value', records: [raw(null)], counter: ['records_ignored', { reason: 'tombstone' }, 1] },
  {
    number: 2,
    what: 'not UTF-8',
    records: [raw(Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d))],
    letters: ['decode'],
    counter: rejected('decode'),
  },
  { number: 3, what: 'not JSON', records: [raw('{"id": ')], letters: ['parse'], counter: rejected('parse') },
  ...['[]', '3', '"x"', 'null', 'true'].map((text) => ({
    number: 4,
    what: `${text} at the top`,
    records: [raw(text)],
    letters: ['schema'],
    counter: rejected('schema'),
  })),
  { number: 5, what: 'no id', records: [json({ id: undefined })], letters: ['schema'], counter: rejected('schema') },
  {
    number: 5,
    what: 'a number for an id, beyond what a number holds',
    records: [raw(JSON.stringify(post()).replace('"1"', '9007199254740993'))],
    letters: ['schema'],
    counter: rejected('schema'),
  },
  {
    number: 6,
    what: 'keys that name the prototype',
    records: [
      raw(
        JSON.stringify(post()).replace('{', '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},'),
      ),
    ],
    counter: upserted('created'),
    also: () => expect(({} as { polluted?: number }).polluted).toBeUndefined(),
  },
  {
    number: 7,
    what: 'nested ten thousand deep',
    records: [raw(`{"id":"1","x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`)],
    letters: ['parse'],
    counter: rejected('parse'),
  },
  {
    number: 8,
    what: '900 kB of text',
    records: [json({ text: `Ana Lima ${'word '.repeat(180_000)}` })],
    counter: upserted('created'),
    also: (extractions) => {
      expect(only(extractions).flags).toContain('text_truncated');
      expect(only(extractions).text.length).toBeLessThanOrEqual(100_000);
    },
  },
  {
    number: 9,
    what: 'no text, a picture',
    records: [json({ text: '', images: ['a.png'] })],
    counter: upserted('created'),
    also: ([extraction]) => expect([extraction?.mentions, extraction?.images.length]).toEqual([[], 1]),
  },
  {
    number: 10,
    what: 'marks, overrides and half a surrogate pair',
    records: [json({ text: ODD_TEXT })],
    counter: upserted('created'),
    also: ([extraction]) => {
      expect(extraction?.mentions.map(({ start, end }) => ODD_TEXT.slice(start, end))).toEqual(['Ana Lima', 'Lisbon']);
      expect(extraction?.post).toMatchObject({ text: ODD_TEXT });
    },
  },
  ...['1970-01-01T00:00:00Z', '9999-01-01T00:00:00Z', 'yesterday', 5, undefined].map((createdAt) => ({
    number: 11,
    what: `created at ${createdAt}`,
    records: [{ ...json({ createdAt }), timestampMs: Date.parse(WHEN) }],
    counter: upserted('created'),
    also: (extractions: readonly Extraction[]) => {
      expect(only(extractions)).toMatchObject({ createdAt: WHEN, flags: ['bad_created_at'] });
    },
  })),
  { number: 12, what: 'an unknown language', records: [json({ lang: 'und' })], counter: upserted('created') },
  {
    number: 13,
    what: 'an unknown kind of source',
    records: [json({ platform: 'Not A Platform!' })],
    letters: ['source'],
    counter: rejected('source'),
  },
  { number: 14, what: 'the same post twice', records: [json(), json()], counter: upserted('unchanged') },
  {
    number: 15,
    what: 'an older version of a stored post',
    records: [json({ version: '5' }), json({ version: '4', text: 'Porto' })],
    counter: upserted('stale_version'),
  },
  {
    number: 16,
    what: 'a delete for an unknown post',
    records: [json({ deleted: true })],
    counter: upserted('deleted'),
  },
  {
    number: 17,
    what: 'a create after its delete',
    records: [json({ deleted: true }), json()],
    counter: upserted('tombstoned'),
  },
  {
    number: 18,
    what: 'an edit that takes an entity away',
    records: [json({ version: '1' }), json({ version: '2', text: 'Ana Lima moves to Porto' })],
    counter: upserted('replaced'),
  },
];

describe('a bad record', () => {
  let database: TestDatabase;
  let graph: OpenGraph;
  beforeAll(async () => {
    database = await sqliteAdapter.database({ nowMs: Date.parse(WHEN) });
    graph = await database.open();
  });
  beforeEach(() => database.clear());
  afterAll(async () => {
    await Promise.all([graph.store[Symbol.asyncDispose](), graph.reader[Symbol.asyncDispose]()]);
    await database[Symbol.asyncDispose]();
  });

  it.each(CASES.map((one) => [`${one.number}: ${one.what}`, one] as const))('%s', async (_, one) => {
    const { extractions, letters, done, telemetry } = await runRecords(one.records, undefined, graph.store);
    expect(letters.map(({ reason }) => reason)).toEqual(one.letters ?? []);
    const [name, labels, value] = one.counter;
    expect(await counted(telemetry, name, labels)).toBe(value);
    // Whatever it was, it is finished: it holds nothing up.
    expect(done).toHaveLength(one.records.length);
    one.also?.(extractions);
  });

  it('18: the entity’s evidence is gone, and the fact with it', async () => {
    const records = CASES.find(({ number }) => number === 18)?.records ?? [];
    await runRecords(records, undefined, graph.store);
    const facts = await graph.reader.facts({}, { first: 10 });
    const tails = await graph.reader.entitiesById(facts.items.map(({ node }) => node.tailId));
    expect(tails.map((entity) => entity?.name)).toEqual(['Porto']);
  });

  it('leaves the records around it alone', async () => {
    const good = (id: string) => json({ id });
    const bad = CASES.filter(({ letters }) => letters).flatMap(({ records }) => records);
    const { extractions, done } = await runRecords([good('a'), ...bad, good('b')], undefined, graph.store);
    expect(extractions.map((extraction) => extraction.post.id)).toEqual(['a', 'b']);
    expect(done).toHaveLength(bad.length + 2);
  });
});
