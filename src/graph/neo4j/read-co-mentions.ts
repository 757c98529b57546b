import { CO_MENTION_POSTS, type CoMention, type CoMentionRow, countCoMentions } from '../co-mentions.ts';
import { integer, type Neo4jClient } from './client.ts';
import { descending, endOf, prefixOf } from './places.ts';

/** See `GraphReader.coMentions`. The places of mentions are an index: only those of the newest posts are read. */
export async function coMentions(client: Neo4jClient, entityId: string, sinceMs = 0): Promise<readonly CoMention[]> {
  const rows = await client.read<CoMentionRow>(
    `MATCH (own:Mention) WHERE own.place > $after AND own.place < $end WITH own ORDER BY own.place
     WITH DISTINCT own.postId AS postId, own.eventMs AS eventMs LIMIT $limit
     MATCH (:Post {id: postId})-[:HAS_MENTION]->(m:Mention)
     RETURN postId, eventMs, m.entityId AS entityId ORDER BY postId, m.start, m.id`,
    {
      after: prefixOf(entityId),
      end: endOf(prefixOf(entityId, descending(sinceMs))),
      limit: integer(CO_MENTION_POSTS),
    },
  );
  return countCoMentions(entityId, rows);
}
