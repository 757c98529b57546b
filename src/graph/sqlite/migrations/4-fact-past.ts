import type { Migration } from './migration.ts';

/** Retracted facts are kept as they were, for reads as of an earlier time. */
export const factPast: Migration = {
  does: 'keeps what retracted facts were',
  apply: (connection) => connection.script(SQL),
};

const SQL = `
  CREATE TABLE fact_past (
    id TEXT NOT NULL, type TEXT NOT NULL, head_id TEXT NOT NULL, tail_id TEXT NOT NULL, confidence REAL NOT NULL,
    max_confidence REAL NOT NULL, evidence_count INTEGER NOT NULL, source_count INTEGER NOT NULL,
    author_count INTEGER NOT NULL, first_seen_ms INTEGER NOT NULL, last_seen_ms INTEGER NOT NULL,
    created_ms INTEGER NOT NULL, expired_ms INTEGER NOT NULL, PRIMARY KEY (id, created_ms)
  ) STRICT;
  CREATE INDEX fact_past_head ON fact_past (head_id);
  CREATE INDEX fact_past_tail ON fact_past (tail_id);
  CREATE INDEX fact_past_expired ON fact_past (expired_ms);`;
