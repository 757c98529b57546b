import type { Migration } from './migration.ts';

/** What people decide about entities and facts. Of evidence stored so far it is not known whether its relation has a direction. */
export const decisions: Migration = {
  does: 'lets entities be merged and split and facts be rejected',
  apply: (connection) => connection.script(SQL),
};

const SQL = `
  CREATE TABLE decision (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, decision TEXT NOT NULL
  ) STRICT;
  CREATE TABLE redirect (
    surface_id TEXT PRIMARY KEY, surface_type TEXT NOT NULL, surface_norm_name TEXT NOT NULL, root_id TEXT NOT NULL,
    root_type TEXT NOT NULL, root_norm_name TEXT NOT NULL, path TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX redirect_name ON redirect (surface_norm_name);
  CREATE TABLE rejected (fact_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  ALTER TABLE evidence ADD COLUMN symmetric INTEGER NOT NULL DEFAULT 0;`;
