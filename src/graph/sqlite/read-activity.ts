import {
  type MentionSpan,
  TIMELINE_MENTIONS,
  type TimelineBar,
  type TimelineQuery,
  TREND_POSTS,
  type TrendCount,
  type TrendQuery,
  type Trends,
  trendOf,
  trendWindows,
} from '../activity.ts';
import type { Connection } from './connection.ts';

/** See `GraphReader.mentionSpans`. */
export function mentionSpans(
  connection: Connection,
  entityIds: readonly string[],
): readonly (MentionSpan | undefined)[] {
  const end = (id: string, order: string) =>
    connection.first<{ at: number }>(
      `SELECT event_ms AS at FROM mention WHERE entity_id = ? ORDER BY event_ms ${order} LIMIT 1`,
      id,
    )?.at;
  return entityIds.map((id) => {
    const lastMs = end(id, 'DESC');
    const firstMs = end(id, 'ASC');
    return firstMs === undefined || lastMs === undefined ? undefined : { firstMs, lastMs };
  });
}

/** See `GraphReader.timeline`. */
export function timeline(connection: Connection, entityId: string, query: TimelineQuery): readonly TimelineBar[] {
  const { fromMs, toMs, bucketMs } = query;
  return connection.all<TimelineBar>(
    `SELECT CAST((event_ms - ?) / ? AS INTEGER) AS bar, count(*) AS mentions FROM (
       SELECT event_ms FROM mention WHERE entity_id = ? AND event_ms >= ? AND event_ms < ? ORDER BY event_ms DESC LIMIT ?
     ) GROUP BY bar ORDER BY bar`,
    fromMs,
    bucketMs,
    entityId,
    fromMs,
    toMs,
    TIMELINE_MENTIONS,
  );
}

/** Without its name SQLite takes the index of standings, in which nearly all posts are alike. */
const POSTS = 'post INDEXED BY post_newest';
const WITHIN = "standing = 'live' AND event_ms > ? AND event_ms <= ?";

/** See `GraphReader.trends`. */
export function trends(connection: Connection, query: TrendQuery): Trends {
  const asked = trendWindows(query);
  const limit = connection.first<{ at: number }>(
    `SELECT event_ms AS at FROM ${POSTS} WHERE ${WITHIN} ORDER BY event_ms DESC, id LIMIT 1 OFFSET ?`,
    asked.beforeMs,
    asked.untilMs,
    TREND_POSTS,
  )?.at;
  const { beforeMs, sinceMs, untilMs } = trendWindows(query, limit);
  const { type, first } = query;
  const ofType = type === undefined ? '' : 'CROSS JOIN entity ON entity.id = entity_id AND entity.type = ?';
  const counts = connection.all<TrendCount>(
    `SELECT entityId, mentions, before FROM (
       SELECT entity_id AS entityId, sum(event_ms > ?) AS mentions, sum(event_ms <= ?) AS before
       FROM mention INDEXED BY mention_time ${ofType} WHERE event_ms > ? AND event_ms <= ? GROUP BY entity_id
     ) WHERE mentions > before
     ORDER BY (mentions - before) * (mentions - before) * 1.0 / (mentions + before) DESC, entityId LIMIT ?`,
    sinceMs,
    sinceMs,
    ...(type === undefined ? [] : [type]),
    beforeMs,
    untilMs,
    first,
  );
  return { sinceMs, entities: counts.map(trendOf) };
}
