import type { Entity } from '../../domain/graph.ts';
import { decodeCursor } from '../cursor.ts';
import type { Page, PageRequest } from '../graph-reader.ts';
import { pageOf, rowsForPage } from '../page.ts';
import { integer, type Neo4jClient } from './client.ts';
import { entitiesById, ofType } from './read-entities.ts';
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
