import type { EntityKey } from '../../domain/decision.ts';
import type { Entity } from '../../domain/graph.ts';
import type { Account, AccountQuery, SurfaceForm } from '../graph-reader.ts';
import { integer, type Neo4jClient } from './client.ts';
import { type EntityRow, ofType, RETURN_ENTITY } from './read-entities.ts';
import { allOf } from './where.ts';

/** Most rows of each answer. */
const LIMIT = 50;

const BUSIEST = `${RETURN_ENTITY} ORDER BY mentionCount DESC, e.id LIMIT $limit`;

/** Entities by normalised names; see `GraphReader.entitiesNamed`. */
export async function entitiesNamed(
  client: Neo4jClient,
  normNames: readonly string[],
  type?: string,
): Promise<readonly Entity[]> {
  const where = allOf([{ cypher: 'true' }, ofType(type)]);
  const rows = await client.read<EntityRow>(
    `CALL () {
       UNWIND $normNames AS name MATCH (e:Entity {normName: name}) RETURN e
       UNION UNWIND $normNames AS name MATCH (r:Redirect {surfaceNormName: name}) MATCH (e:Entity {id: r.rootId}) RETURN e
     }
     WITH e WHERE ${where.cypher} ${BUSIEST}`,
    { ...where.parameters, normNames, limit: integer(LIMIT) },
  );
  return rows.map(({ entity }) => entity);
}

/** Entities by the initials of their names; see `GraphReader.entitiesByInitials`. */
export async function entitiesByInitials(
  client: Neo4jClient,
  initials: string,
  type: string,
): Promise<readonly Entity[]> {
  const cypher = `MATCH (e:Entity {initials: $initials}) WHERE e.type = $type ${BUSIEST}`;
  const rows = await client.read<EntityRow>(cypher, { initials, type, limit: integer(LIMIT) });
  return rows.map(({ entity }) => entity);
}

/** How posts write an entity, most frequent form first. */
export async function surfacesOf(client: Neo4jClient, entityId: string): Promise<readonly SurfaceForm[]> {
  return client.read<SurfaceForm>(
    `MATCH (s:Surface {entityId: $entityId}) RETURN s.text AS text, s.count AS count
     ORDER BY count DESC, text LIMIT $limit`,
    { entityId, limit: integer(LIMIT) },
  );
}

/** What was merged into an entity. */
export async function partsOf(client: Neo4jClient, entityId: string): Promise<readonly EntityKey[]> {
  return client.read<EntityKey>(
    `MATCH (r:Redirect {rootId: $entityId})
     RETURN r.surfaceId AS id, r.surfaceType AS type, r.surfaceNormName AS normName ORDER BY id`,
    { entityId },
  );
}

/** Accounts by handle or name; see `GraphReader.accounts`. */
export async function accounts(client: Neo4jClient, { handles, names }: AccountQuery): Promise<readonly Account[]> {
  return client.read<Account>(
    `CALL () {
       UNWIND $handles AS handle MATCH (a:Author {handleKey: handle}) WHERE a.name IS NOT NULL RETURN a
       UNION UNWIND $names AS name MATCH (a:Author {name: name}) WHERE a.handle IS NOT NULL RETURN a
     }
     RETURN a.id AS id, a.platform AS platform, a.handle AS handle, a.name AS name ORDER BY id LIMIT $limit`,
    { handles, names, limit: integer(LIMIT) },
  );
}
