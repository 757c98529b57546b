import type { Migration } from './migration.ts';

/** Facts with much evidence keep what they are counted from. Those that have it already get parts with their next post. */
export const hotFacts: Migration = {
  does: 'lets facts with much evidence take one more post without reading all of it',
  apply: (connection) => connection.script(SQL),
};

const SQL = `
  CREATE TABLE hot_fact (fact_id TEXT PRIMARY KEY, weight INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE hot_part (
    fact_id TEXT NOT NULL, level TEXT NOT NULL, id TEXT NOT NULL, bucket TEXT NOT NULL, event_ms INTEGER NOT NULL,
    post_id TEXT NOT NULL, author_id TEXT NOT NULL, value REAL NOT NULL, PRIMARY KEY (fact_id, level, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX hot_part_first ON hot_part (fact_id, level, bucket, event_ms, post_id);
  CREATE INDEX hot_part_value ON hot_part (fact_id, level, bucket, value);`;
