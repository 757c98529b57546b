import type { Migration } from './migration.ts';

/** Since when an entity is watched, epoch milliseconds; those that are so far count as watched always. */
export const watchedSince: Migration = {
  does: 'keeps since when an entity is watched',
  apply: (connection) => connection.script('ALTER TABLE watched ADD COLUMN since_ms INTEGER NOT NULL DEFAULT 0'),
};
