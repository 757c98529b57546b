import type { Connection } from './connection.ts';
import { isAmong } from './where.ts';

/** Who is watched from now on. */
export interface WatchRequest {
  readonly keys: readonly string[];
  readonly nowMs: number;
}

/** See `AlertStore.watch`. */
export function watch(connection: Connection, { keys, nowMs }: WatchRequest): void {
  const wanted = [...new Set(keys)].sort();
  const stored = connection.all<{ key: string }>('SELECT key FROM watched ORDER BY key').map(({ key }) => key);
  // Whoever decides says so at every start: what is the same costs no write.
  if (stored.join('\n') === wanted.join('\n')) return;
  connection.transaction(() => {
    const unwanted = `DELETE FROM watched WHERE key NOT IN (SELECT value FROM json_each(?))`;
    connection.run(unwanted, JSON.stringify(wanted));
    for (const key of wanted) connection.run('INSERT INTO watched VALUES (?, ?) ON CONFLICT DO NOTHING', key, nowMs);
  });
}

/** False where no entity is watched: most writers need not look further. */
export function isWatching(connection: Connection): boolean {
  return connection.first("SELECT 1 FROM watched WHERE key > '' LIMIT 1") !== undefined;
}

/** Those of the keys that are watched, with since when. */
export function readWatched(connection: Connection, keys: readonly string[]): ReadonlyMap<string, number> {
  const sql = `SELECT key, since_ms AS sinceMs FROM watched WHERE ${isAmong('key')}`;
  const rows = connection.all<{ key: string; sinceMs: number }>(sql, JSON.stringify(keys));
  return new Map(rows.map(({ key, sinceMs }) => [key, sinceMs]));
}
