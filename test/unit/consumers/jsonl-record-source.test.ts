import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonlRecordSource } from '../../../src/consumers/jsonl/jsonl-record-source.ts';
import type { SourceRecord } from '../../../src/consumers/record-source.ts';

async function readAll(chunks: readonly Uint8Array[], maxLineBytes = 1_048_576) {
  const records: { line: string; value: string | undefined; damage: string | undefined }[] = [];
  const source = new JsonlRecordSource({
    input: Readable.from(chunks.map((chunk) => Buffer.from(chunk))),
    maxLineBytes,
  });
  await source.run(async (record: SourceRecord) => {
    const value = record.value ? Buffer.from(record.value).toString() : undefined;
    records.push({ line: record.position, value, damage: record.damage?.reason });
  });
  return records;
}

test('lines are the same however the bytes are cut', async () => {
  const text = 'first\n\n{"second": "ü😀"}\r\n   \nlast without newline';
  const bytes = Buffer.from(text);
  const whole = await readAll([bytes]);
  expect(whole.map((record) => [record.line, record.value?.trimEnd()])).toEqual([
    ['line 1', 'first'],
    ['line 3', '{"second": "ü😀"}'],
    ['line 5', 'last without newline'],
  ]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 8 }), async (cuts) => {
      const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const chunks = edges.slice(1).map((end, i) => bytes.subarray(edges[i], end));
      expect(await readAll(chunks.filter((chunk) => chunk.length > 0))).toEqual(whole);
    }),
    { numRuns: 100 },
  );
});

test('a line over the limit is damaged, with its number, and the next line is read', async () => {
  const chunks = [
    Buffer.from('ok\n'),
    ...Array.from({ length: 50 }, () => Buffer.alloc(1000, 'x')),
    Buffer.from('\nafter\n'),
  ];
  expect(await readAll(chunks, 10_000)).toEqual([
    { line: 'line 1', value: 'ok', damage: undefined },
    { line: 'line 2', value: undefined, damage: 'too_large' },
    { line: 'line 3', value: 'after', damage: undefined },
  ]);
});

test('a line of exactly the limit is whole; a byte order mark is passed over', async () => {
  const records = await readAll([Buffer.from(`\uFEFF${'a'.repeat(97)}\n${'b'.repeat(101)}`)], 100);
  expect(records.map((record) => [record.value, record.damage])).toEqual([
    ['a'.repeat(97), undefined],
    [undefined, 'too_large'],
  ]);
});
