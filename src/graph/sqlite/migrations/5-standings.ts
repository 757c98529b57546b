import type { Migration } from './migration.ts';

/** So far a post was there or deleted. What is not readable no longer keeps the platform's id of the post. */
export const standings: Migration = {
  does: 'lets posts be hidden and keeps what platforms say about posts and accounts',
  apply: (connection) => connection.script(SQL),
};

const SQL = `
  ALTER TABLE post ADD COLUMN standing TEXT NOT NULL DEFAULT 'live';
  ALTER TABLE post ADD COLUMN parked TEXT;
  UPDATE post SET standing = 'deleted', native_id = '' WHERE deleted = 1;
  ALTER TABLE post DROP COLUMN deleted;
  CREATE TABLE marks (subject_id TEXT PRIMARY KEY, marks TEXT NOT NULL) STRICT;`;
