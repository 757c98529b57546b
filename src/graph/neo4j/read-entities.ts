import type { Entity } from '../../domain/graph.ts';
import { normalise } from '../resolve/normalise.ts';
import { storable } from '../resolve/storable.ts';
import type { Neo4jClient } from './client.ts';
import { readRedirects } from './resolution.ts';
import { allOf, type Condition, inOrder } from './where.ts';

/** Gives each entity `e` as a row; mentions are counted from its surface forms. */
export const RETURN_ENTITY = `CALL (e) { MATCH (s:Surface {entityId: e.id}) RETURN sum(s.count) AS mentionCount }
  RETURN e {.id, .type, .name, .normName, mentionCount: mentionCount} AS entity`;

/** A row of `RETURN_ENTITY`. */
export interface EntityRow {
  readonly entity: Entity;
}

/** Entities in the order of the ids. */
export async function entitiesById(
  client: Neo4jClient,
  ids: readonly string[],
): Promise<readonly (Entity | undefined)[]> {
  const redirects = await readRedirects((cypher, parameters) => client.read(cypher, parameters), ids);
  const roots = ids.map((id) => redirects.get(id)?.root.id ?? id);
  const rows = await client.read<EntityRow>(`UNWIND $roots AS id MATCH (e:Entity {id: id}) ${RETURN_ENTITY}`, {
    roots,
  });
  return inOrder(
    roots,
    rows.map((row) => row.entity),
  );
}

/** The entity of a name; see `GraphReader.entityByName`. */
export async function entityByName(client: Neo4jClient, name: string, type?: string): Promise<Entity | undefined> {
  const where = allOf([
    {
      cypher: '(e.normName = $name OR e.id IN COLLECT { MATCH (r:Redirect {surfaceNormName: $name}) RETURN r.rootId })',
      parameters: { name: normalise(storable(name)) },
    },
    ofType(type),
  ]);
  const [row] = await client.read<EntityRow>(
    `MATCH (e:Entity) WHERE ${where.cypher} ${RETURN_ENTITY} ORDER BY mentionCount DESC, e.id LIMIT 1`,
    where.parameters,
  );
  return row?.entity;
}

/** Restricts `e` to a type. */
export function ofType(type: string | undefined): Condition | undefined {
  return type === undefined ? undefined : { cypher: 'e.type = $type', parameters: { type } };
}
