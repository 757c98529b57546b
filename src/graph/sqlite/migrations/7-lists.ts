import type { Migration } from './migration.ts';

/** An entity's facts are listed, and readable posts counted, without reading all of them. */
export const lists: Migration = {
  does: 'keeps the facts of each entity in order, and posts by how they stand',
  apply: (connection) => connection.script(SQL),
};

const SQL = `
  DROP INDEX fact_head;
  DROP INDEX fact_tail;
  CREATE INDEX fact_head ON fact (head_id, created_ms DESC, id) WHERE expired_ms IS NULL;
  CREATE INDEX fact_tail ON fact (tail_id, created_ms DESC, id) WHERE expired_ms IS NULL;
  CREATE INDEX post_standing ON post (standing);`;
