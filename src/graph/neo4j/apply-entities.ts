import { createHash } from 'node:crypto';
import type { EntityRow, MentionRow, SurfaceDelta } from '../plan/rows.ts';
import { initialsOf } from '../resolve/initials.ts';
import { searchTerms } from '../resolve/search-terms.ts';
import { forRows, integer, type Run } from './client.ts';
import { cypherName } from './names.ts';
import { mentionPlace } from './places.ts';

/**
 * Lead of the most frequent surface form over the next above which no set of transactions running at the same time can
 * change the name: such entities, the busiest ones, are not locked.
 */
const SAFE_LEAD = 10_000;

/** Adds to the counts of surface forms, in the order of entity and text. */
export async function countSurfaces(run: Run, deltas: readonly SurfaceDelta[]): Promise<void> {
  const rows = deltas
    .map(({ entityId, text, delta }) => ({
      id: surfaceId(entityId, text),
      entityId,
      text,
      terms: searchTerms(text).join(' '),
      delta: integer(delta),
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  await forRows(
    run,
    `UNWIND $rows AS row MERGE (s:Surface {id: row.id})
     ON CREATE SET s.entityId = row.entityId, s.text = row.text, s.terms = row.terms, s.count = 0
     SET s.count = s.count + row.delta
     WITH s WHERE s.count <= 0 DELETE s`,
    rows,
  );
}

/** Makes the entities that are not there and locks those whose name or existence may change. */
export async function lockEntities(run: Run, rows: readonly EntityRow[], ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const labelled = rows.map((row) => ({
    ...row,
    initials: initialsOf(row.normName) ?? null,
    labels: [cypherName(row.type) ?? []].flat(),
  }));
  await Promise.all([
    forRows(
      run,
      `UNWIND $rows AS row MERGE (e:Entity {id: row.id})
     ON CREATE SET e.type = row.type, e.normName = row.normName, e.initials = row.initials, e.name = '', e:$(row.labels)`,
      labelled,
    ),
    run(
      `UNWIND $ids AS id MATCH (e:Entity {id: id})
     CALL (e) {
       OPTIONAL MATCH (s:Surface {entityId: e.id}) WITH s ORDER BY s.count DESC LIMIT 2
       RETURN collect(s.count) AS counts
     }
     WITH e, counts WHERE size(counts) = 0 OR counts[0] - coalesce(counts[1], 0) < $safeLead
     SET e.lock = true`,
      { ids, safeLead: integer(SAFE_LEAD) },
    ),
  ]);
}

/** Creates mentions between their posts and entities. */
export async function createMentions(run: Run, mentions: readonly MentionRow[]): Promise<void> {
  const rows = mentions.map((row) => ({
    ...row,
    start: integer(row.start),
    end: integer(row.end),
    eventMs: integer(row.eventMs),
    place: mentionPlace(row),
  }));
  await forRows(
    run,
    `UNWIND $rows AS row MATCH (p:Post {id: row.postId}) MATCH (e:Entity {id: row.entityId})
     CREATE (p)-[:HAS_MENTION]->(m:Mention)-[:REFERS_TO]->(e) SET m = row`,
    rows,
  );
}

/** How many live mentions entities have. Once they are locked, no other transaction changes that. */
export async function countMentions(run: Run, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await run<{ id: string; count: number }>(
    'UNWIND $ids AS id OPTIONAL MATCH (s:Surface {entityId: id}) RETURN id, sum(s.count) AS count',
    { ids },
  );
  return new Map(rows.map(({ id, count }) => [id, count]));
}

/** An entity after a run. */
export interface NamedRow {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** It was not there before. */
  readonly isNew: boolean;
}

/**
 * Names entities after their most frequent surface form and deletes those that have none left. Gives those that are new, and
 * of the wanted ones those that are still there.
 */
export async function nameEntities(
  run: Run,
  ids: readonly string[],
  wanted: ReadonlySet<string>,
): Promise<readonly NamedRow[]> {
  if (ids.length === 0) return [];
  return run<NamedRow>(
    `UNWIND $rows AS row MATCH (e:Entity {id: row.id})
     WITH e, row.isWanted AS isWanted, e.name = '' AS isNew
     CALL (e) {
       OPTIONAL MATCH (s:Surface {entityId: e.id}) WITH s ORDER BY s.count DESC, s.text LIMIT 1
       RETURN s.text AS top
     }
     FOREACH (name IN CASE WHEN top <> e.name THEN [top] ELSE [] END | SET e.name = name)
     FOREACH (gone IN CASE WHEN top IS NULL THEN [e] ELSE [] END | DETACH DELETE gone)
     WITH e, top, isNew, isWanted WHERE top IS NOT NULL AND (isNew OR isWanted)
     RETURN e.id AS id, top AS name, e.type AS type, isNew`,
    { rows: ids.map((id) => ({ id, isWanted: wanted.has(id) })) },
  );
}

function surfaceId(entityId: string, text: string): string {
  return createHash('sha256').update(`${entityId}\n${text}`).digest('hex').slice(0, 32);
}
