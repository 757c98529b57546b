import type { Evidence } from '../../domain/graph.ts';
import { nextOf, type ScanPart, type ScanRequest, type ScanRows } from '../scan.ts';
import { integer, type Neo4jClient } from './client.ts';
import { entitiesById } from './read-entities.ts';
import { factsById } from './read-facts.ts';
import { mentionsById, postsById } from './read-posts.ts';

type Row = ScanRows[ScanRequest['kind']];
type ByIds = (client: Neo4jClient, ids: readonly string[]) => Promise<readonly (Row | undefined)[]>;

const BY_IDS: Readonly<Record<Exclude<ScanRequest['kind'], 'evidence'>, { match: string; read: ByIds }>> = {
  entities: { match: 'MATCH (x:Entity) WHERE x.id > $after', read: entitiesById },
  facts: { match: 'MATCH (x:Fact) WHERE x.id > $after AND x.expiredMs IS NULL', read: factsById },
  posts: { match: 'MATCH (x:Post) WHERE x.id > $after AND x.standing IS NULL', read: postsById },
  mentions: { match: 'MATCH (x:Mention) WHERE x.id > $after', read: mentionsById },
};

/** Up to `limit` live rows of a kind whose ids come after `after`. */
export async function scan(client: Neo4jClient, { kind, after, limit }: ScanRequest): Promise<ScanPart<Row>> {
  const parameters = { after, limit: integer(limit) };
  if (kind === 'evidence') {
    const rows = await client.read<{ row: Evidence }>(
      `MATCH ()-[x:ASSERTS]->() WHERE x.id > $after
       RETURN x {.id, .factId, .postId, .headMentionId, .tailMentionId, .p, .eventMs, .extractor} AS row
       ORDER BY x.id LIMIT $limit`,
      parameters,
    );
    const found = rows.map(({ row }) => row);
    return { rows: found, next: nextOf(found, limit) };
  }
  const { match, read } = BY_IDS[kind];
  const ids = await client.read<{ id: string }>(`${match} RETURN x.id AS id ORDER BY x.id LIMIT $limit`, parameters);
  const rows = await read(
    client,
    ids.map(({ id }) => id),
  );
  return { rows: rows.filter((row) => row !== undefined), next: nextOf(ids, limit) };
}
