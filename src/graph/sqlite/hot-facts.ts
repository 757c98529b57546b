import type { HotWrites } from '../plan/rows.ts';
import { type Part, type PartRequest, StoredParts } from '../resolve/hot-parts.ts';
import type { Connection } from './connection.ts';
import { isAmong } from './where.ts';

const PART = `SELECT level, id, bucket, event_ms AS eventMs, post_id AS postId, author_id AS authorId, value FROM hot_part`;

/** The evidence once more, in one bucket by time. */
const TIME = `SELECT 'time' AS level, post_id AS id, '' AS bucket, event_ms AS eventMs, post_id AS postId,
  author_id AS authorId, event_ms AS value FROM evidence WHERE fact_id = ?`;

const PUT_PART = `INSERT INTO hot_part VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (fact_id, level, id) DO UPDATE SET bucket = excluded.bucket, event_ms = excluded.event_ms,
    post_id = excluded.post_id, author_id = excluded.author_id, value = excluded.value`;

/** Which of the facts have parts, with nothing read of them yet. */
export function readHot(connection: Connection, factIds: readonly string[]): ReadonlyMap<string, StoredParts> {
  const rows = connection.all<{ id: string; weight: number }>(
    `SELECT fact_id AS id, weight FROM hot_fact WHERE ${isAmong('fact_id')}`,
    JSON.stringify(factIds),
  );
  return new Map(rows.map(({ id, weight }) => [id, new StoredParts(id, weight)]));
}

/** Reads parts into the facts that ask for them. */
export function readParts(
  connection: Connection,
  requests: readonly PartRequest[],
  hot: ReadonlyMap<string, StoredParts>,
): void {
  for (const request of requests) {
    const { factId, level } = request;
    if ('id' in request) {
      const part = connection.first<Part>(
        `${PART} WHERE fact_id = ? AND level = ? AND id = ?`,
        factId,
        level,
        request.id,
      );
      hot.get(factId)?.addPart(request, part);
      continue;
    }
    const all = (order: string): readonly Part[] =>
      level === 'time'
        ? connection.all(`${TIME} ORDER BY ${order} LIMIT ?`, factId, request.limit)
        : connection.all(
            `${PART} WHERE fact_id = ? AND level = ? AND bucket = ? ORDER BY ${order} LIMIT ?`,
            factId,
            level,
            request.bucket,
            request.limit,
          );
    const largest = all(level === 'time' ? 'event_ms DESC' : 'value DESC');
    hot.get(factId)?.addTop(request, { first: all('event_ms, post_id'), largest });
  }
}

/** Writes changed parts. */
export function writeHot(connection: Connection, { facts, put, gone, cooled }: HotWrites): void {
  for (const { factId, weight } of facts) {
    const sql = 'INSERT INTO hot_fact VALUES (?, ?) ON CONFLICT (fact_id) DO UPDATE SET weight = excluded.weight';
    connection.run(sql, factId, weight);
  }
  for (const { factId, level, id } of gone) {
    connection.run('DELETE FROM hot_part WHERE fact_id = ? AND level = ? AND id = ?', factId, level, id);
  }
  for (const { factId, level, id, bucket, eventMs, postId, authorId, value } of put) {
    connection.run(PUT_PART, factId, level, id, bucket, eventMs, postId, authorId, value);
  }
  for (const id of cooled) {
    connection.run('DELETE FROM hot_fact WHERE fact_id = ?', id);
    connection.run('DELETE FROM hot_part WHERE fact_id = ?', id);
  }
}
