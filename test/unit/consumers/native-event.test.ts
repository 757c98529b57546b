import { describe, expect, test } from 'vitest';
import { runExtract } from '../../../src/consumers/extract.ts';
import { decodeExtraction } from '../../../src/consumers/formats/extraction.ts';
import { decodeNativePost } from '../../../src/consumers/formats/native.ts';
import { GraphExtractionSink } from '../../../src/consumers/graph-extraction-sink.ts';
import { RejectedLines } from '../../../src/consumers/jsonl/rejected-lines.ts';
import { Window } from '../../../src/consumers/runtime/window.ts';
import type { Extraction } from '../../../src/domain/extraction.ts';
import { logKey, orderKey } from '../../../src/domain/post.ts';
import type { GraphStore } from '../../../src/graph/graph-store.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createTelemetry } from '../../../src/telemetry/telemetry.ts';
import { linesSource } from '../../helpers/lines-source.ts';

const ACCOUNT = {
  event: 'account.suspended',
  platform: 'bluesky',
  author: { id: 'did:plc:aaaa' },
  at: '2026-01-02T03:06:39.000Z',
};
const POST = {
  event: 'post.withheld',
  platform: 'x',
  id: '19',
  author: { id: '42' },
  countries: ['DE'],
  at: '2026-01-02T03:06:39.000Z',
};

function decode(value: unknown, context = {}) {
  return decodeNativePost(Buffer.from(JSON.stringify(value)), context);
}

function recordOf(value: unknown) {
  const decoded = decode(value);
  if ('rejected' in decoded) throw new Error(decoded.rejected.message);
  return decoded.record;
}

describe('events of the native format', () => {
  test.each([ACCOUNT, POST, { ...POST, event: 'post.edited', version: '2', countries: undefined }])(
    '$event comes through unchanged',
    (event) => expect(decode(event)).toEqual({ record: JSON.parse(JSON.stringify(event)) }),
  );

  test.each([
    ['an unknown event', { ...ACCOUNT, event: 'account.promoted' }],
    ['an account event without author', { ...ACCOUNT, author: undefined }],
    ['a post event without id', { ...POST, id: undefined }],
    ['an event that is no text', { ...POST, event: 7 }],
  ])('%s is refused by name', (_, event) => {
    expect(decode(event)).toMatchObject({ rejected: { reason: 'schema' } });
  });

  test('a time that cannot be right becomes when the record was received, and is flagged', () => {
    expect(decode({ ...ACCOUNT, at: 'soon' }, { timestampMs: Date.UTC(2026, 0, 2) })).toMatchObject({
      record: { at: '2026-01-02T00:00:00.000Z', flags: ['bad_at'] },
    });
  });

  test('they are ordered and keyed by author, or by post where there is none', () => {
    expect([orderKey(recordOf(ACCOUNT)), logKey(recordOf(ACCOUNT))]).toEqual([
      'author:bluesky:did:plc:aaaa',
      'did:plc:aaaa',
    ]);
    const { author: _, ...orphan } = POST;
    expect([orderKey(recordOf(orphan)), logKey(recordOf(orphan))]).toEqual(['post:x:19', '19']);
  });
});

test('they pass the extract stage untouched and unread', async () => {
  const { extractions, rejected } = await extract([ACCOUNT, POST]);
  expect(extractions.map(({ post, skipped }) => ({ post, skipped }))).toEqual([
    { post: ACCOUNT, skipped: 'event' },
    { post: POST, skipped: 'event' },
  ]);
  expect(rejected).toEqual({});
  for (const extraction of extractions) {
    expect(decodeExtraction(Buffer.from(JSON.stringify(extraction)))).toEqual({ record: extraction });
  }
});

test('the sink counts those that the graph can do nothing with', async () => {
  const telemetry = createTelemetry(createLogger('silent'));
  const { extractions } = await extract([ACCOUNT, POST]);
  const [first, second] = extractions as [Extraction, Extraction];
  const gone: Extraction = { ...first, post: { id: '1', platform: 'x', deleted: true }, skipped: 'deleted' };
  const replacePosts = async (batch: readonly Extraction[]) =>
    batch.map(({ post }) => (post.event ? ('event_not_applied' as const) : ('deleted' as const)));
  await using sink = new GraphExtractionSink({
    store: { replacePosts } as unknown as GraphStore,
    batchSize: 8,
    telemetry,
    signal: new AbortController().signal,
  });
  await Promise.all([first, gone, second].map((extraction) => sink.write(extraction)));
  const metrics = await telemetry.registry.metrics();
  expect(metrics).toContain('grapevine_posts_upserted_total{outcome="event_not_applied"} 2');
  expect(metrics).toContain('grapevine_source_events_not_applied_total{event="account.suspended"} 1');
});

async function extract(records: readonly object[]) {
  const extractions: Extraction[] = [];
  const rejected = new RejectedLines();
  const never = () => Promise.reject(new Error('the model must not be asked'));
  await runExtract({
    source: linesSource(records.map((record) => JSON.stringify(record))),
    decode: decodeNativePost,
    images: { load: never },
    extractor: { info: { bundle: 'test', generation: 1 }, languages: [], extract: never } as never,
    sink: {
      write: async (extraction) => {
        extractions.push(extraction);
      },
      async [Symbol.asyncDispose]() {},
    },
    deadLetters: rejected,
    window: new Window({ records: 8, bytes: 1e6 }),
    telemetry: createTelemetry(createLogger('silent')),
    abandon: new AbortController().signal,
    maxImages: 4,
    skipUnsupportedLanguages: true,
  });
  return { extractions, rejected: rejected.counts };
}
