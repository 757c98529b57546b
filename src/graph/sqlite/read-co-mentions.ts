import { CO_MENTION_POSTS, type CoMention, type CoMentionRow, countCoMentions } from '../co-mentions.ts';
import type { Connection } from './connection.ts';

/** See `GraphReader.coMentions`. */
export function coMentions(connection: Connection, entityId: string, sinceMs = 0): readonly CoMention[] {
  const rows = connection.all<CoMentionRow>(
    `WITH newest AS (
       SELECT DISTINCT event_ms, post_id FROM mention WHERE entity_id = ? AND event_ms >= ?
       ORDER BY event_ms DESC, post_id LIMIT ?
     )
     SELECT mention.post_id AS postId, mention.event_ms AS eventMs, entity_id AS entityId
     FROM newest CROSS JOIN mention ON mention.post_id = newest.post_id ORDER BY mention.post_id, start, mention.id`,
    entityId,
    sinceMs,
    CO_MENTION_POSTS,
  );
  return countCoMentions(entityId, rows);
}
