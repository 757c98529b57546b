import type { Entity } from '../../domain/graph.ts';
import { decodeCursor } from '../cursor.ts';
import type { EntityQuery, Page, PageRequest } from '../graph-reader.ts';
import { pageOf, rowsForPage } from '../page.ts';
import { normalise } from '../resolve/normalise.ts';
import { searchWords } from '../resolve/search-terms.ts';
import { storable } from '../resolve/storable.ts';
import { ENTITY_COLUMNS } from './columns.ts';
import type { Connection } from './connection.ts';
import { readRedirects } from './resolution.ts';
import { foundBy } from './search-index.ts';
import { allOf, type Clause, inOrder, isAmong } from './where.ts';

/** Entities in the order of the ids. */
export function entitiesById(connection: Connection, ids: readonly string[]): readonly (Entity | undefined)[] {
  const redirects = readRedirects(connection, ids);
  const roots = ids.map((id) => redirects.get(id)?.root.id ?? id);
  const sql = `SELECT ${ENTITY_COLUMNS} FROM entity WHERE ${isAmong('id')}`;
  return inOrder(roots, connection.all<Entity>(sql, JSON.stringify(roots)));
}

/** The entity of a name; see `GraphReader.entityByName`. */
export function entityByName(connection: Connection, name: string, type?: string): Entity | undefined {
  const normName = normalise(storable(name));
  const isNamed = '(norm_name = ? OR id IN (SELECT root_id FROM redirect WHERE surface_norm_name = ?))';
  const where = allOf([{ sql: isNamed, values: [normName, normName] }, ofType(type)]);
  return connection.first<Entity>(
    `SELECT ${ENTITY_COLUMNS} FROM entity WHERE ${where.sql} ORDER BY mention_count DESC, id LIMIT 1`,
    ...where.values,
  );
}

/** A page of entities, by name or by mentions. */
export function entities(connection: Connection, query: EntityQuery, page: PageRequest): Page<Entity> {
  return query.orderBy === 'MENTIONS' ? byMentions(connection, query, page) : byName(connection, query, page);
}

/** Those that a search finds are few enough to be put into an order. */
function byMentions(connection: Connection, query: EntityQuery, page: PageRequest): Page<Entity> {
  const limit = rowsForPage(page.first);
  const [count, id] = decodeCursor('entities by mentions', page.after) ?? [];
  const after =
    count === undefined || id === undefined
      ? undefined
      : { sql: 'mention_count <= ? AND (mention_count < ? OR id > ?)', values: [count, count, id] };
  const where = allOf([...filters(query), after]);
  const rows = connection.all<Entity>(
    `SELECT ${ENTITY_COLUMNS} FROM entity WHERE ${where.sql} ORDER BY mention_count DESC, id LIMIT ?`,
    ...where.values,
    limit,
  );
  return pageOf('entities by mentions', rows, page.first, (row) => [row.mentionCount, row.id]);
}

function byName(connection: Connection, query: EntityQuery, page: PageRequest): Page<Entity> {
  const limit = rowsForPage(page.first);
  const after = decodeCursor('entities', page.after);
  const where = allOf([...filters(query), after && { sql: '(name, id) > (?, ?)', values: after }]);
  const rows = connection.all<Entity>(
    `SELECT ${ENTITY_COLUMNS} FROM entity WHERE ${where.sql} ORDER BY name, id LIMIT ?`,
    ...where.values,
    limit,
  );
  return pageOf('entities', rows, page.first, (row) => [row.name, row.id]);
}

/** Number of entities a query matches. */
export function countEntities(connection: Connection, query: EntityQuery): number {
  const where = allOf(filters(query));
  const sql = `SELECT count(*) AS count FROM entity WHERE ${where.sql}`;
  return connection.first<{ count: number }>(sql, ...where.values)?.count ?? 0;
}

function filters({ type, search }: EntityQuery): readonly (Clause | undefined)[] {
  return [ofType(type), foundBy(searchWords(search ?? ''))];
}

function ofType(type: string | undefined): Clause | undefined {
  return type === undefined ? undefined : { sql: 'type = ?', values: [type] };
}
