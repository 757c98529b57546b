import type { Migration } from './migration.ts';

/** Positions are given apart from publishing. A lease taken so far may be of a process that published nowhere. */
export const positions: Migration = {
  does: 'gives events their positions apart from publishing',
  apply: (connection) => connection.script(SQL),
};

const SQL = `
  ALTER TABLE outbox ADD COLUMN positioned_ms INTEGER;
  UPDATE outbox SET positioned_ms = coalesce(published_ms, 1000 * unixepoch()) WHERE position IS NOT NULL;
  DROP INDEX outbox_waiting;
  DROP INDEX outbox_published;
  CREATE INDEX outbox_unpublished ON outbox (position) WHERE published_ms IS NULL;
  CREATE INDEX outbox_positioned ON outbox (positioned_ms) WHERE positioned_ms IS NOT NULL;
  DELETE FROM lease;`;
