import type { Entity } from '../../domain/graph.ts';
import { decodeCursor } from '../cursor.ts';
import type { EntityQuery, Page, PageRequest } from '../graph-reader.ts';
import { pageOf, rowsForPage } from '../page.ts';
import { searchWords } from '../resolve/search-terms.ts';
import { integer, type Neo4jClient } from './client.ts';
import { type EntityRow, ofType, RETURN_ENTITY } from './read-entities.ts';
import { countSearched, searchedByMentions, searchedEntities } from './search-entities.ts';
import { allOf, type Condition } from './where.ts';

/** A page of entities, by name or by mentions. */
export async function entities(client: Neo4jClient, query: EntityQuery, page: PageRequest): Promise<Page<Entity>> {
  const words = searchWords(query.search ?? '');
  if (words.length > 0) {
    const search = { words, type: query.type };
    return query.orderBy === 'MENTIONS'
      ? searchedByMentions(client, search, page)
      : searchedEntities(client, search, page);
  }
  const limit = integer(rowsForPage(page.first));
  const [name, id] = decodeCursor('entities', page.after) ?? [];
  const after: Condition = {
    cypher: 'e.name >= $afterName AND (e.name <> $afterName OR e.id > $afterId)',
    parameters: { afterName: name, afterId: id },
  };
  // Without the index Neo4j compares by UTF-16 units, while it sorts by code points: names would be passed over.
  const hint = name === undefined ? '' : 'USING INDEX SEEK e:Entity(name)';
  const where = allOf([{ cypher: 'e.name IS NOT NULL' }, ofType(query.type), name === undefined ? undefined : after]);
  const rows = await client.read<EntityRow>(
    `MATCH (e:Entity) ${hint} WHERE ${where.cypher} WITH e ORDER BY e.name, e.id LIMIT $limit
     ${RETURN_ENTITY} ORDER BY e.name, e.id`,
    { ...where.parameters, limit },
  );
  const found = rows.map((row) => row.entity);
  return pageOf('entities', found, page.first, (entity) => [entity.name, entity.id]);
}

/** Number of entities a query matches. */
export async function countEntities(client: Neo4jClient, { type, search }: EntityQuery): Promise<number> {
  const words = searchWords(search ?? '');
  if (words.length > 0) return countSearched(client, { words, type });
  const where = allOf([ofType(type)]);
  const cypher = `MATCH (e:Entity) WHERE ${where.cypher} RETURN count(e) AS count`;
  const [row] = await client.read<{ count: number }>(cypher, where.parameters);
  return row?.count ?? 0;
}
