import type { Migration } from './migration.ts';

/** What has been decided and delivered of alerts. */
export const alertDeliveries: Migration = {
  does: 'makes the table of alert deliveries',
  apply: (connection) => connection.script(SQL),
};

const SQL = `
  CREATE TABLE alert_delivery (
    id TEXT PRIMARY KEY, rule TEXT NOT NULL, channel TEXT NOT NULL, position INTEGER NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL, due_ms INTEGER NOT NULL, holder TEXT, leased_ms INTEGER NOT NULL, outcome TEXT
  ) STRICT;
  CREATE INDEX alert_delivery_due ON alert_delivery (due_ms, id) WHERE state = 'pending';`;
