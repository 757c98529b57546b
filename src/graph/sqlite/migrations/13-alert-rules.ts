import type { Migration } from './migration.ts';

/** Rules and silences that are made over the API, and channels that do not work; alerts are listed by rule. */
export const alertRules: Migration = {
  does: 'makes the tables of alert rules, silences and disabled channels',
  apply: (connection) => connection.script(SQL),
};

const SQL = `
  CREATE TABLE alert_rule (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE alert_silence (id TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE alert_channel (channel TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  ALTER TABLE alert ADD COLUMN rule TEXT AS (value ->> '$.rule') VIRTUAL;
  CREATE INDEX alert_rule_place ON alert (rule, place);
  CREATE INDEX alert_state_rule ON alert_state (rule);`;
