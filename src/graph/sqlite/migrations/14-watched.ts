import type { Migration } from './migration.ts';

/** Entities of which each post that comes to mention them is told. */
export const watched: Migration = {
  does: 'makes the table of watched entities',
  apply: (connection) => connection.script('CREATE TABLE watched (key TEXT PRIMARY KEY) STRICT, WITHOUT ROWID'),
};
