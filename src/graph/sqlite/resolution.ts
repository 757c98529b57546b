import { factsOnTheWay } from '../plan/canonicalise.ts';
import type { ResolutionDiff } from '../plan/rehome.ts';
import { type Redirect, type RedirectRow, type Resolution, redirectOf } from '../plan/resolution.ts';
import type { ResolvedPost } from '../plan/rows.ts';
import type { Connection } from './connection.ts';
import { isAmong } from './where.ts';

type StoredRow = Omit<RedirectRow, 'path'> & { readonly path: string };

const REDIRECT = `SELECT surface_id AS surfaceId, surface_type AS surfaceType, surface_norm_name AS surfaceNormName,
  root_id AS rootId, root_type AS rootType, root_norm_name AS rootNormName, path FROM redirect`;

/** What the decisions say about what posts say: enough to make these posts canonical. */
export function readResolution(connection: Connection, posts: readonly ResolvedPost[]): Resolution {
  const entities = [...new Set(posts.flatMap((post) => post.entities.map(({ id }) => id)))];
  const redirects = readRedirects(connection, entities);
  const facts = new Set(posts.flatMap(({ evidence }) => evidence.flatMap((row) => factsOnTheWay(row, { redirects }))));
  const rejected = connection.all<{ id: string }>(
    `SELECT fact_id AS id FROM rejected WHERE ${isAmong('fact_id')}`,
    JSON.stringify([...facts]),
  );
  return { redirects, rejected: new Map(rejected.map(({ id }) => [id, NO_ENDS])) };
}

/** Only the log knows the ends. */
const NO_ENDS = { headId: '', tailId: '' };

/** Redirects of those entities that have one, by their ids. */
export function readRedirects(connection: Connection, ids: readonly string[]): ReadonlyMap<string, Redirect> {
  const rows = connection.all<StoredRow>(`${REDIRECT} WHERE ${isAmong('surface_id')}`, JSON.stringify(ids));
  return new Map(rows.map((row) => [row.surfaceId, redirectOf({ ...row, path: JSON.parse(row.path) as string[] })]));
}

/** Changes what is stored of the resolution. */
export function writeResolution(connection: Connection, { redirects, rejected }: ResolutionDiff): void {
  for (const id of redirects.gone) connection.run('DELETE FROM redirect WHERE surface_id = ?', id);
  for (const { surface, root, path } of redirects.put) {
    const ends = [surface.id, surface.type, surface.normName, root.id, root.type, root.normName];
    connection.run('INSERT OR REPLACE INTO redirect VALUES (?, ?, ?, ?, ?, ?, ?)', ...ends, JSON.stringify(path));
  }
  for (const id of rejected.gone) connection.run('DELETE FROM rejected WHERE fact_id = ?', id);
  for (const id of rejected.put) connection.run('INSERT OR IGNORE INTO rejected VALUES (?)', id);
}
