import type { GraphReader } from '../graph-reader.ts';
import { EXPORT_FORMAT, type GraphRecord } from './graph-record.ts';

/**
 * The whole graph as JSON lines that `restoreGraph` makes the same graph of, system times included. A part at a time;
 * what is written meanwhile may be in it or not.
 */
export async function* exportJsonl(reader: Pick<GraphReader, 'scan' | 'lastPosition'>): AsyncIterable<string> {
  yield lineOf({ line: 'graph', format: EXPORT_FORMAT, lastPosition: await reader.lastPosition() });
  for await (const decision of reader.scan('decisions')) yield lineOf({ line: 'decision', decision });
  let [posts, facts] = [0, 0];
  for await (const post of reader.scan('contents')) {
    posts++;
    yield lineOf({ line: 'post', ...post });
  }
  for await (const marked of reader.scan('marks')) yield lineOf({ line: 'marks', ...marked });
  for await (const { id, createdMs } of reader.scan('facts')) {
    facts++;
    yield lineOf({ line: 'fact', id, createdMs });
  }
  for await (const fact of reader.scan('past')) yield lineOf({ line: 'past', fact });
  yield lineOf({ line: 'end', posts, facts });
}

function lineOf(record: GraphRecord): string {
  return `${JSON.stringify(record)}\n`;
}
