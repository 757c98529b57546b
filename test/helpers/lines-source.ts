import { Readable } from 'node:stream';
import { JsonlRecordSource } from '../../src/consumers/jsonl/jsonl-record-source.ts';

/** A source of records from lines that the test holds. */
export function linesSource(lines: readonly string[]): JsonlRecordSource {
  return new JsonlRecordSource({ input: Readable.from([Buffer.from(lines.map((line) => `${line}\n`).join(''))]) });
}
