import { CO_MENTION_POSTS, type CoMention, type CoMentionRow, countCoMentions } from '../co-mentions.ts';
import { integer, type Neo4jClient } from './client.ts';

/** See `GraphReader.coMentions`. */
export async function coMentions(client: Neo4jClient, entityId: string, sinceMs = 0): Promise<readonly CoMention[]> {
  const rows = await client.read<CoMentionRow>(
    `MATCH (:Entity {id: $entityId})<-[:REFERS_TO]-(own:Mention) WHERE own.eventMs >= $sinceMs
     WITH DISTINCT own.eventMs AS eventMs, own.postId AS postId ORDER BY eventMs DESC, postId LIMIT $limit
     MATCH (:Post {id: postId})-[:HAS_MENTION]->(m:Mention)
     RETURN postId, eventMs, m.entityId AS entityId ORDER BY postId, m.start, m.id`,
    { entityId, sinceMs: integer(sinceMs), limit: integer(CO_MENTION_POSTS) },
  );
  return countCoMentions(entityId, rows);
}
