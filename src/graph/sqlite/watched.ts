import type { Connection } from './connection.ts';
import { isAmong } from './where.ts';

/** See `AlertStore.watch`. */
export function watch(connection: Connection, keys: readonly string[]): void {
  const wanted = [...new Set(keys)].sort();
  const stored = connection.all<{ key: string }>('SELECT key FROM watched ORDER BY key').map(({ key }) => key);
  // Whoever decides says so at every start: what is the same costs no write.
  if (stored.join('\n') === wanted.join('\n')) return;
  connection.transaction(() => {
    connection.run('DELETE FROM watched');
    for (const key of wanted) connection.run('INSERT INTO watched VALUES (?)', key);
  });
}

/** False where no entity is watched: most writers need not look further. */
export function isWatching(connection: Connection): boolean {
  return connection.first("SELECT 1 FROM watched WHERE key > '' LIMIT 1") !== undefined;
}

/** Those of the keys that are watched. */
export function readWatched(connection: Connection, keys: readonly string[]): ReadonlySet<string> {
  const sql = `SELECT key FROM watched WHERE ${isAmong('key')}`;
  return new Set(connection.all<{ key: string }>(sql, JSON.stringify(keys)).map(({ key }) => key));
}
