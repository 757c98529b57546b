import type { Entity } from '../../domain/graph.ts';
import { decodeCursor } from '../cursor.ts';
import type { EntityQuery, Page, PageRequest } from '../graph-reader.ts';
import { pageOf, rowsForPage } from '../page.ts';
import { normalise } from '../resolve/normalise.ts';
import { integer, type Neo4jClient } from './client.ts';
import { allOf, type Condition, inOrder } from './where.ts';

/** Gives each entity `e` as a row; mentions are counted from its surface forms. */
const RETURN_ENTITY = `CALL (e) { MATCH (s:Surface {entityId: e.id}) RETURN sum(s.count) AS mentionCount }
  RETURN e {.id, .type, .name, .normName, mentionCount: mentionCount} AS entity`;

interface EntityRow {
  readonly entity: Entity;
}

/** Entities in the order of the ids. */
export async function entitiesById(
  client: Neo4jClient,
  ids: readonly string[],
): Promise<readonly (Entity | undefined)[]> {
  const rows = await client.read<EntityRow>(`UNWIND $ids AS id MATCH (e:Entity {id: id}) ${RETURN_ENTITY}`, { ids });
  return inOrder(
    ids,
    rows.map((row) => row.entity),
  );
}

/** The entity of a name; see `GraphReader.entityByName`. */
export async function entityByName(client: Neo4jClient, name: string, type?: string): Promise<Entity | undefined> {
  const where = allOf([{ cypher: 'e.normName = $name', parameters: { name: normalise(name) } }, ofType(type)]);
  const [row] = await client.read<EntityRow>(
    `MATCH (e:Entity) WHERE ${where.cypher} ${RETURN_ENTITY} ORDER BY mentionCount DESC, e.id LIMIT 1`,
    where.parameters,
  );
  return row?.entity;
}

/** A page of entities by name. */
export async function entities(client: Neo4jClient, query: EntityQuery, page: PageRequest): Promise<Page<Entity>> {
  const limit = integer(rowsForPage(page.first));
  const [name, id] = decodeCursor('entities', page.after) ?? [];
  const after: Condition = {
    cypher: 'e.name >= $afterName AND (e.name <> $afterName OR e.id > $afterId)',
    parameters: { afterName: name, afterId: id },
  };
  // Without the index Neo4j compares by UTF-16 units, while it sorts by code points: names would be passed over.
  const hint = name === undefined ? '' : 'USING INDEX e:Entity(name)';
  const where = allOf([{ cypher: 'e.name IS NOT NULL' }, ...filters(query), name === undefined ? undefined : after]);
  const rows = await client.read<EntityRow>(
    `MATCH (e:Entity) ${hint} WHERE ${where.cypher} WITH e ORDER BY e.name, e.id LIMIT $limit
     ${RETURN_ENTITY} ORDER BY e.name, e.id`,
    { ...where.parameters, limit },
  );
  const found = rows.map((row) => row.entity);
  return pageOf('entities', found, page.first, (entity) => [entity.name, entity.id]);
}

/** Number of entities a query matches. */
export async function countEntities(client: Neo4jClient, query: EntityQuery): Promise<number> {
  const where = allOf(filters(query));
  const cypher = `MATCH (e:Entity) WHERE ${where.cypher} RETURN count(e) AS count`;
  const [row] = await client.read<{ count: number }>(cypher, where.parameters);
  return row?.count ?? 0;
}

function filters({ type, search }: EntityQuery): readonly (Condition | undefined)[] {
  if (search === undefined || search === '') return [ofType(type)];
  return [ofType(type), { cypher: 'e.normName CONTAINS $search', parameters: { search: normalise(search) } }];
}

function ofType(type: string | undefined): Condition | undefined {
  return type === undefined ? undefined : { cypher: 'e.type = $type', parameters: { type } };
}
