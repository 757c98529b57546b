import type { Decision } from '../../domain/decision.ts';
import type { Fact, GraphEvent } from '../../domain/graph.ts';
import type { ImageResult } from '../../domain/image.ts';
import {
  decisionLine,
  evidenceLine,
  factLine,
  marksLine,
  mentionLine,
  postLine,
  tombstoneLine,
} from '../digest-lines.ts';
import type { GraphStats } from '../graph-reader.ts';
import type { EvidenceRow, MentionRow, PostRow, Standing } from '../plan/rows.ts';
import { integer, type Neo4jClient } from './client.ts';
import { eventOf, type OutboxRow } from './outbox.ts';

const LINES_PER_QUERY = 1000;

/** Types in use, sorted. */
export async function types(
  client: Neo4jClient,
): Promise<{ entities: readonly string[]; relations: readonly string[] }> {
  const [entities, relations] = await Promise.all([
    distinctTypes(client, '(n:Entity) WHERE n.type > $after'),
    distinctTypes(client, '(n:Fact) WHERE n.type > $after AND n.expiredMs IS NULL'),
  ]);
  return { entities, relations };
}

/** Goes from one type to the next in the index, past all nodes of one. */
async function distinctTypes(client: Neo4jClient, pattern: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (;;) {
    const [next] = await client.read<{ type: string }>(
      `MATCH ${pattern} RETURN n.type AS type ORDER BY n.type LIMIT 1`,
      { after: found.at(-1) ?? '' },
    );
    if (!next) return found;
    found.push(next.type);
  }
}

/** Sizes of the live graph. The few posts that are not live and expired facts are counted by index, the rest is known. */
export async function stats(client: Neo4jClient): Promise<GraphStats> {
  const [row] = await client.read<GraphStats>(
    `CALL () { MATCH (p:Post) RETURN count(p) AS allPosts }
     CALL () { MATCH (p:Post) WHERE p.standing IS NOT NULL RETURN count(p) AS otherPosts }
     CALL () { MATCH (e:Entity) RETURN count(e) AS entities }
     CALL () { MATCH (f:Fact) RETURN count(f) AS allFacts }
     CALL () { MATCH (f:Fact) WHERE f.expiredMs IS NOT NULL RETURN count(f) AS expiredFacts }
     CALL () { MATCH (m:Mention) RETURN count(m) AS mentions }
     RETURN allPosts - otherPosts AS posts, entities, allFacts - expiredFacts AS facts, mentions`,
  );
  return row as GraphStats;
}

/** Events after a position, in order. */
export async function eventsAfter(
  client: Neo4jClient,
  position: number,
  limit: number,
): Promise<readonly GraphEvent[]> {
  const rows = await client.read<OutboxRow>(
    'MATCH (o:Outbox) WHERE o.position > $position RETURN o.position AS position, o.event AS event ORDER BY position LIMIT $limit',
    { position: integer(position), limit: integer(limit) },
  );
  return rows.map(eventOf);
}

/** Position of the newest event. */
export async function lastPosition(client: Neo4jClient): Promise<number> {
  const cypher = "MATCH (s:Sequence {name: 'positions'}) RETURN s.value AS position";
  const [row] = await client.read<{ position: number }>(cypher);
  return row?.position ?? 0;
}

type DigestPost = Pick<PostRow, 'id' | 'version' | 'skipped'> & { standing: Standing | null; images: string };

/** The digest's lines, each section by id, read a part at a time. */
export async function* digestLines(client: Neo4jClient): AsyncIterable<string> {
  yield* section<DigestPost>(client, 'MATCH (x:Post)', 'x {.id, .version, .skipped, .standing, .images}', (row) => {
    const outcomes = (JSON.parse(row.images) as ImageResult[]).map((image) => image.outcome);
    return postLine({ ...row, standing: row.standing ?? 'live' }, outcomes);
  });
  yield* section<MentionRow>(
    client,
    'MATCH (x:Mention)',
    'x {.id, .postId, .start, .end, .type, .entityId}',
    mentionLine,
  );
  yield* section<EvidenceRow>(
    client,
    'MATCH ()-[x:ASSERTS]->(f:Fact)',
    'x {.id, .postId, .factId, headId: f.headId, tailId: f.tailId}',
    evidenceLine,
  );
  yield* section<Fact>(
    client,
    'MATCH (x:Fact)',
    'x {.id, .evidenceCount, .sourceCount, .authorCount, .firstSeenMs, .lastSeenMs}',
    factLine,
    'x.expiredMs IS NULL',
  );
  yield* section<DigestPost>(client, 'MATCH (x:Post)', 'x {.id, .version}', tombstoneLine, "x.standing = 'deleted'");
  yield* section<{ id: string; marks: string }>(client, 'MATCH (x:Marks)', 'x {.id, .marks}', marksLine);
  yield* section<{ id: string; decision: string }>(client, 'MATCH (x:Decision)', 'x {.id, .decision}', (row) =>
    decisionLine(JSON.parse(row.decision) as Decision),
  );
}

async function* section<T extends { id: string }>(
  client: Neo4jClient,
  match: string,
  columns: string,
  line: (row: T) => string,
  condition = 'true',
): AsyncIterable<string> {
  const cypher = `${match} WHERE x.id > $after AND ${condition} RETURN ${columns} AS row ORDER BY x.id LIMIT $limit`;
  let after: string | undefined = '';
  while (after !== undefined) {
    const rows: readonly { row: T }[] = await client.read(cypher, { after, limit: integer(LINES_PER_QUERY) });
    for (const { row } of rows) yield line(row);
    after = rows.length < LINES_PER_QUERY ? undefined : rows.at(-1)?.row.id;
  }
}
