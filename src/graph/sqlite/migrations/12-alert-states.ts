import type { Migration } from './migration.ts';

/** What rules remember, and the log of alerts; deliveries belong to alerts. */
export const alertStates: Migration = {
  does: 'makes the tables of what alert rules remember and of the alerts',
  apply: (connection) => connection.script(SQL),
};

const SQL = `
  CREATE TABLE alert_state (
    key TEXT PRIMARY KEY, rule TEXT NOT NULL, fact_id TEXT, due_ms INTEGER, value TEXT NOT NULL
  ) STRICT;
  CREATE INDEX alert_state_fact ON alert_state (fact_id) WHERE fact_id IS NOT NULL;
  CREATE INDEX alert_state_due ON alert_state (due_ms, key) WHERE due_ms IS NOT NULL;
  CREATE TABLE alert (
    place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, at_ms INTEGER NOT NULL, value TEXT NOT NULL
  ) STRICT;
  CREATE INDEX alert_at ON alert (at_ms);
  INSERT INTO alert (id, at_ms, value)
    SELECT d.id, coalesce(event ->> '$.atMs', due_ms), json_object(
      'id', d.id, 'rule', rule, 'type', 'alert.fired', 'severity', 'warning', 'atMs', coalesce(event ->> '$.atMs', due_ms),
      'subjects', json_array(json_object(
        'factId', coalesce(event ->> '$.fact.id', ''), 'type', coalesce(event ->> '$.fact.type', ''),
        'headId', coalesce(event ->> '$.fact.headId', ''), 'tailId', coalesce(event ->> '$.fact.tailId', ''),
        'key', coalesce(key, ''), 'position', d.position)))
    FROM alert_delivery d LEFT JOIN outbox ON outbox.position = d.position ORDER BY d.position, d.id;
  CREATE TABLE alert_delivery_new (
    id TEXT PRIMARY KEY, alert_id TEXT NOT NULL, rule TEXT NOT NULL, channel TEXT NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL, due_ms INTEGER NOT NULL, created_ms INTEGER NOT NULL, holder TEXT, leased_ms INTEGER NOT NULL,
    attempted_ms INTEGER, milliseconds INTEGER, outcome TEXT, answer TEXT
  ) STRICT;
  INSERT INTO alert_delivery_new
    SELECT id, id, rule, channel, state, attempts, due_ms, due_ms, holder, leased_ms, NULL, NULL, outcome, NULL
    FROM alert_delivery;
  DROP TABLE alert_delivery;
  ALTER TABLE alert_delivery_new RENAME TO alert_delivery;
  CREATE INDEX alert_delivery_due ON alert_delivery (due_ms, id) WHERE state = 'pending';
  CREATE INDEX alert_delivery_alert ON alert_delivery (alert_id);
  CREATE INDEX alert_delivery_created ON alert_delivery (created_ms, id);`;
