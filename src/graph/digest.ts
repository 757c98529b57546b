import { createHash } from 'node:crypto';
import type { GraphReader } from './graph-reader.ts';

/** SHA-256 over the content of a graph as 64 hex digits: equal graphs have equal digests, on every database. */
export async function digest(reader: Pick<GraphReader, 'digestLines'>): Promise<string> {
  const hash = createHash('sha256');
  let separator = '';
  for await (const line of reader.digestLines()) {
    hash.update(separator).update(line);
    separator = '\n';
  }
  return hash.digest('hex');
}
