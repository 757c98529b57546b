import type { Entity } from '../../domain/graph.ts';
import { decodeCursor } from '../cursor.ts';
import type { Page, PageRequest } from '../graph-reader.ts';
import { pageOf, rowsForPage } from '../page.ts';
import { integer, type Neo4jClient } from './client.ts';
import { type EntityRow, entitiesById, ofType } from './read-entities.ts';
import { searchQuery } from './search-query.ts';
import { allOf, type Condition } from './where.ts';

/** What entities are looked for. */
export interface EntitySearch {
  /** At least one. */
  readonly words: readonly string[];
  readonly type: string | undefined;
}

/** The lowest character, half a surrogate pair included, that UTF-16 units and code points order differently. */
const ORDERED_OTHERWISE = /[\ud800-\uffff]/;

const FIND = `CALL db.index.fulltext.queryNodes('surface_terms', $search) YIELD node
  WITH DISTINCT node.entityId AS id MATCH (e:Entity {id: id})`;

/** A page of the entities found, by name. */
export async function searchedEntities(
  client: Neo4jClient,
  { words, type }: EntitySearch,
  page: PageRequest,
): Promise<Page<Entity>> {
  const limit = rowsForPage(page.first);
  const [name, id] = (decodeCursor('entities', page.after) ?? []) as readonly string[];
  const where = allOf([ofType(type), name === undefined ? undefined : isAfter(name, id)]);
  // Only what is stored is ordered by code points: beside such a name the exact comparison is ours.
  const isExact = name === undefined || !ORDERED_OTHERWISE.test(name);
  const rows = await client.read<{ id: string; name: string }>(
    `${FIND} WHERE ${where.cypher} RETURN e.id AS id, e.name AS name ORDER BY e.name, e.id ${isExact ? 'LIMIT $limit' : ''}`,
    { ...where.parameters, search: searchQuery(words), limit: integer(limit) },
  );
  const later = name === undefined ? rows : rows.filter((row) => compare(row.name, name) >= 0);
  const keyed = pageOf('entities', later.slice(0, limit), page.first, (row) => [row.name, row.id]);
  const ids = keyed.items.map(({ node }) => node.id);
  const found = new Map((await entitiesById(client, ids)).map((entity) => [entity?.id, entity]));
  const items = keyed.items.flatMap(({ node, cursor }) => {
    const entity = found.get(node.id);
    return entity ? [{ node: entity, cursor }] : [];
  });
  return { ...keyed, items };
}

/** A page of the entities found, those with most mentions first. */
export async function searchedByMentions(
  client: Neo4jClient,
  { words, type }: EntitySearch,
  page: PageRequest,
): Promise<Page<Entity>> {
  const limit = integer(rowsForPage(page.first));
  const [count, id] = decodeCursor('entities by mentions', page.after) ?? [];
  const after: Condition = {
    cypher: '(mentionCount < $afterCount OR (mentionCount = $afterCount AND e.id > $afterId))',
    parameters: { afterCount: count, afterId: id },
  };
  const [where, later] = [allOf([ofType(type)]), allOf([count === undefined ? undefined : after])];
  const rows = await client.read<EntityRow>(
    `${FIND} WHERE ${where.cypher}
     CALL (e) { MATCH (s:Surface {entityId: e.id}) RETURN sum(s.count) AS mentionCount }
     WITH e, mentionCount WHERE ${later.cypher} ORDER BY mentionCount DESC, e.id LIMIT $limit
     RETURN e {.id, .type, .name, .normName, mentionCount: mentionCount} AS entity`,
    { ...where.parameters, ...later.parameters, search: searchQuery(words), limit },
  );
  const found = rows.map((row) => row.entity);
  return pageOf('entities by mentions', found, page.first, (entity) => [entity.mentionCount, entity.id]);
}

/** Number of the entities found. */
export async function countSearched(client: Neo4jClient, { words, type }: EntitySearch): Promise<number> {
  const where = allOf([ofType(type)]);
  const cypher = `${FIND} WHERE ${where.cypher} RETURN count(e) AS count`;
  const [row] = await client.read<{ count: number }>(cypher, { ...where.parameters, search: searchQuery(words) });
  return row?.count ?? 0;
}

/** True of every entity after the cursor, and of others only where the name is ordered otherwise. */
function isAfter(name: string, id: string | undefined): Condition {
  const [floor] = name.split(ORDERED_OTHERWISE);
  return {
    cypher: 'e.name >= $floor AND (e.name <> $afterName OR e.id > $afterId)',
    parameters: { floor, afterName: name, afterId: id },
  };
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
