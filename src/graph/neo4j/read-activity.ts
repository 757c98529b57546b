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
import { integer, type Neo4jClient } from './client.ts';
import { descending, endOf, prefixOf } from './places.ts';

/** See `GraphReader.mentionSpans`. */
export async function mentionSpans(
  client: Neo4jClient,
  entityIds: readonly string[],
): Promise<readonly (MentionSpan | undefined)[]> {
  // The bounds are those of `prefixOf` and `endOf`; the places are an index, of which one row at each end is read.
  const ofEntity = `MATCH (m:Mention) WHERE m.place > id + '|' AND m.place < id + '|~'`;
  const rows = await client.read<MentionSpan & { id: string }>(
    `UNWIND $ids AS id
     CALL (id) { ${ofEntity} RETURN m.eventMs AS lastMs ORDER BY m.place LIMIT 1 }
     CALL (id) { ${ofEntity} RETURN m.eventMs AS firstMs ORDER BY m.place DESC LIMIT 1 }
     RETURN id, firstMs, lastMs`,
    { ids: entityIds },
  );
  const byId = new Map(rows.map(({ id, firstMs, lastMs }) => [id, { firstMs, lastMs }]));
  return entityIds.map((id) => byId.get(id));
}

/** See `GraphReader.timeline`. */
export async function timeline(
  client: Neo4jClient,
  entityId: string,
  { fromMs, toMs, bucketMs }: TimelineQuery,
): Promise<readonly TimelineBar[]> {
  return client.read<TimelineBar>(
    `MATCH (m:Mention) WHERE m.place > $after AND m.place < $end WITH m ORDER BY m.place LIMIT $limit
     RETURN (m.eventMs - $fromMs) / $bucketMs AS bar, count(*) AS mentions ORDER BY bar`,
    {
      after: endOf(prefixOf(entityId, descending(toMs))),
      end: endOf(prefixOf(entityId, descending(fromMs))),
      limit: integer(TIMELINE_MENTIONS),
      fromMs: integer(fromMs),
      bucketMs: integer(bucketMs),
    },
  );
}

const WITHIN = 'MATCH (p:Post) WHERE p.newestPlace > $from AND p.newestPlace < $end';

/** See `GraphReader.trends`. */
export async function trends(client: Neo4jClient, query: TrendQuery): Promise<Trends> {
  const asked = trendWindows(query);
  const [limit] = await client.read<{ at: number }>(
    `${WITHIN} RETURN p.eventMs AS at ORDER BY p.newestPlace SKIP $posts LIMIT 1`,
    { from: placeAfter(asked.untilMs), end: placeAfter(asked.beforeMs), posts: integer(TREND_POSTS) },
  );
  const { beforeMs, sinceMs, untilMs } = trendWindows(query, limit?.at);
  const { type, first } = query;
  const ofType = type === undefined ? '' : 'MATCH (e:Entity {id: entityId}) WHERE e.type = $type';
  const counts = await client.read<TrendCount>(
    `${WITHIN} MATCH (p)-[:HAS_MENTION]->(m:Mention)
     WITH m.entityId AS entityId, sum(CASE WHEN p.eventMs > $sinceMs THEN 1 ELSE 0 END) AS mentions,
       sum(CASE WHEN p.eventMs > $sinceMs THEN 0 ELSE 1 END) AS before
     WHERE mentions > before ${ofType}
     RETURN entityId, mentions, before
     ORDER BY (mentions - before) * (mentions - before) * 1.0 / (mentions + before) DESC, entityId LIMIT $first`,
    {
      from: placeAfter(untilMs),
      end: placeAfter(beforeMs),
      sinceMs: integer(sinceMs),
      first: integer(first),
      ...(type !== undefined && { type }),
    },
  );
  return { sinceMs, entities: counts.map(trendOf) };
}

/** Greater than the places of all later posts, and less than those of the posts of this time and before. */
function placeAfter(ms: number): string {
  return prefixOf(descending(ms));
}
