import type { Evidence } from '../../domain/graph.ts';
import type { FactRow, Standing } from '../plan/rows.ts';
import {
  type MarkedSubject,
  nextOf,
  type ScanPart,
  type ScanRequest,
  type ScanRows,
  type StandingPost,
  standingPost,
} from '../scan.ts';
import { readMarks } from './apply-marks.ts';
import { integer, type Neo4jClient, type Run } from './client.ts';
import { readDecisions } from './decide.ts';
import { readContents } from './read-contents.ts';
import { entitiesById } from './read-entities.ts';
import { factsById } from './read-facts.ts';
import { mentionsById, postsById } from './read-posts.ts';

type Row = ScanRows[ScanRequest['kind']];
type ByIds = (client: Neo4jClient, ids: readonly string[]) => Promise<readonly (Row | undefined)[]>;

const BY_IDS: Readonly<
  Record<Exclude<ScanRequest['kind'], 'evidence' | 'past' | 'decisions'>, { match: string; read: ByIds }>
> = {
  entities: { match: 'MATCH (x:Entity) WHERE x.id > $after', read: entitiesById },
  facts: { match: 'MATCH (x:Fact) WHERE x.id > $after AND x.expiredMs IS NULL', read: factsById },
  posts: { match: 'MATCH (x:Post) WHERE x.id > $after AND x.standing IS NULL', read: postsById },
  contents: { match: 'MATCH (x:Post) WHERE x.id > $after AND x.contentHash IS NOT NULL', read: contentsById },
  marks: { match: 'MATCH (x:Marks) WHERE x.id > $after', read: marksById },
  mentions: { match: 'MATCH (x:Mention) WHERE x.id > $after', read: mentionsById },
};

async function contentsById(client: Neo4jClient, ids: readonly string[]): Promise<readonly StandingPost[]> {
  const run: Run = (cypher, parameters) => client.read(cypher, parameters);
  const [contents, standings] = await Promise.all([
    readContents(run, ids),
    run<{ id: string; standing: Standing }>(
      "UNWIND $ids AS id MATCH (p:Post {id: id}) RETURN id, coalesce(p.standing, 'live') AS standing",
      { ids },
    ),
  ]);
  return standings.flatMap(({ id, standing }) => standingPost(standing, contents.get(id)));
}

async function marksById(client: Neo4jClient, ids: readonly string[]): Promise<readonly MarkedSubject[]> {
  const marks = await readMarks((cypher, parameters) => client.read(cypher, parameters), ids);
  return [...marks].map(([id, said]) => ({ id, marks: said }));
}

/** Up to `limit` rows of a kind that come after `after`. */
export async function scan(client: Neo4jClient, { kind, after, limit }: ScanRequest): Promise<ScanPart<Row>> {
  const parameters = { after, limit: integer(limit) };
  if (kind === 'past') return scanPast(client, after, limit);
  if (kind === 'decisions') {
    return { rows: await readDecisions((cypher, parameters) => client.read(cypher, parameters)), next: undefined };
  }
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

/** A fact may have several pasts, so their keys are followed instead of its id. */
async function scanPast(client: Neo4jClient, after: string, limit: number): Promise<ScanPart<FactRow>> {
  const rows = await client.read<{ key: string; fact: FactRow }>(
    `MATCH (x:FactPast) WHERE x.key > $after
     RETURN x.key AS key, x {.id, .type, .headId, .tailId, .confidence, .maxConfidence, .evidenceCount, .sourceCount,
       .authorCount, .firstSeenMs, .lastSeenMs, .createdMs, .expiredMs} AS fact ORDER BY x.key LIMIT $limit`,
    { after, limit: integer(limit) },
  );
  return { rows: rows.map(({ fact }) => fact), next: rows.length < limit ? undefined : rows.at(-1)?.key };
}
