import type { EntityKey } from '../../domain/decision.ts';
import type { Entity } from '../../domain/graph.ts';
import type { Account, AccountQuery, SurfaceForm } from '../graph-reader.ts';
import { ENTITY_COLUMNS } from './columns.ts';
import type { Connection } from './connection.ts';
import { allOf, type Clause, isAmong } from './where.ts';

/** Most rows of each answer. */
const LIMIT = 50;

/** Entities by normalised names; see `GraphReader.entitiesNamed`. */
export function entitiesNamed(connection: Connection, normNames: readonly string[], type?: string): readonly Entity[] {
  const names = JSON.stringify(normNames);
  const where = allOf([
    {
      sql: `id IN (SELECT id FROM entity WHERE ${isAmong('norm_name')}
        UNION SELECT root_id FROM redirect WHERE ${isAmong('surface_norm_name')})`,
      values: [names, names],
    },
    ofType(type),
  ]);
  return busiest(connection, where);
}

/** Entities by the initials of their names; see `GraphReader.entitiesByInitials`. */
export function entitiesByInitials(connection: Connection, initials: string, type: string): readonly Entity[] {
  return busiest(connection, allOf([{ sql: 'initials = ?', values: [initials] }, ofType(type)]));
}

/** How posts write an entity, most frequent form first. */
export function surfacesOf(connection: Connection, entityId: string): readonly SurfaceForm[] {
  const sql = 'SELECT text, count FROM surface WHERE entity_id = ? ORDER BY count DESC, text LIMIT ?';
  return connection.all<SurfaceForm>(sql, entityId, LIMIT);
}

/** What was merged into an entity. */
export function partsOf(connection: Connection, entityId: string): readonly EntityKey[] {
  return connection.all<EntityKey>(
    `SELECT surface_id AS id, surface_type AS type, surface_norm_name AS normName FROM redirect WHERE root_id = ?
     ORDER BY surface_id`,
    entityId,
  );
}

/** Accounts by handle or name; see `GraphReader.accounts`. */
export function accounts(connection: Connection, { handles, names }: AccountQuery): readonly Account[] {
  const columns = 'SELECT id, platform, handle, name FROM author';
  return connection.all<Account>(
    `${columns} WHERE handle IS NOT NULL AND name IS NOT NULL AND ${isAmong("lower(ltrim(handle, '@'))")}
     UNION ${columns} WHERE handle IS NOT NULL AND name IS NOT NULL AND ${isAmong('name')} ORDER BY id LIMIT ?`,
    JSON.stringify(handles),
    JSON.stringify(names),
    LIMIT,
  );
}

function busiest(connection: Connection, where: Clause): readonly Entity[] {
  const sql = `SELECT ${ENTITY_COLUMNS} FROM entity WHERE ${where.sql} ORDER BY mention_count DESC, id LIMIT ?`;
  return connection.all<Entity>(sql, ...where.values, LIMIT);
}

function ofType(type: string | undefined): Clause | undefined {
  return type === undefined ? undefined : { sql: 'type = ?', values: [type] };
}
