import type { Migration } from './migration.ts';

/** The tables of the first version. */
export const tables: Migration = {
  does: 'makes the tables',
  apply: (connection) => connection.script(SQL),
};

const SQL = `
  CREATE TABLE post (
    id TEXT PRIMARY KEY, platform TEXT NOT NULL, native_id TEXT NOT NULL, version TEXT, generation INTEGER NOT NULL,
    content_hash TEXT NOT NULL, deleted INTEGER NOT NULL, text TEXT NOT NULL, url TEXT, lang TEXT, author_id TEXT,
    author_native_id TEXT, author_handle TEXT, author_name TEXT, event_ms INTEGER, skipped TEXT,
    extractor TEXT NOT NULL, updated_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX post_author ON post (author_id, event_ms, id) WHERE author_id IS NOT NULL;

  CREATE TABLE author (
    id TEXT PRIMARY KEY, platform TEXT NOT NULL, native_id TEXT NOT NULL, handle TEXT, name TEXT
  ) STRICT;

  CREATE TABLE image (
    post_id TEXT NOT NULL REFERENCES post (id), position INTEGER NOT NULL, source TEXT NOT NULL, sha256 TEXT,
    outcome TEXT NOT NULL, PRIMARY KEY (post_id, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE entity (
    id TEXT PRIMARY KEY, type TEXT NOT NULL, norm_name TEXT NOT NULL, name TEXT NOT NULL,
    mention_count INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX entity_norm_name ON entity (norm_name);
  CREATE INDEX entity_name ON entity (name, id);
  CREATE INDEX entity_type ON entity (type, name, id);

  CREATE TABLE surface (
    entity_id TEXT NOT NULL, text TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (entity_id, text)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE mention (
    id TEXT PRIMARY KEY, post_id TEXT NOT NULL REFERENCES post (id),
    entity_id TEXT NOT NULL REFERENCES entity (id) DEFERRABLE INITIALLY DEFERRED,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, text TEXT NOT NULL, type TEXT NOT NULL, p REAL NOT NULL,
    event_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX mention_post ON mention (post_id, start);
  CREATE INDEX mention_entity ON mention (entity_id, event_ms DESC, post_id, start, id);

  CREATE TABLE fact (
    id TEXT PRIMARY KEY, type TEXT NOT NULL, head_id TEXT NOT NULL, tail_id TEXT NOT NULL, confidence REAL NOT NULL,
    max_confidence REAL NOT NULL, evidence_count INTEGER NOT NULL, source_count INTEGER NOT NULL,
    author_count INTEGER NOT NULL, first_seen_ms INTEGER NOT NULL, last_seen_ms INTEGER NOT NULL,
    created_ms INTEGER NOT NULL, expired_ms INTEGER
  ) STRICT;
  CREATE INDEX fact_created ON fact (created_ms DESC, id) WHERE expired_ms IS NULL;
  CREATE INDEX fact_type ON fact (type, created_ms DESC, id) WHERE expired_ms IS NULL;
  CREATE INDEX fact_head ON fact (head_id) WHERE expired_ms IS NULL;
  CREATE INDEX fact_tail ON fact (tail_id) WHERE expired_ms IS NULL;

  CREATE TABLE evidence (
    id TEXT PRIMARY KEY, fact_id TEXT NOT NULL REFERENCES fact (id), post_id TEXT NOT NULL REFERENCES post (id),
    head_mention_id TEXT NOT NULL, tail_mention_id TEXT NOT NULL, p REAL NOT NULL, event_ms INTEGER NOT NULL,
    extractor TEXT NOT NULL, author_id TEXT NOT NULL, source_key TEXT NOT NULL
  ) STRICT;
  CREATE INDEX evidence_fact ON evidence (fact_id, event_ms, post_id);
  CREATE INDEX evidence_post ON evidence (post_id);

  CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, position INTEGER UNIQUE, published_ms INTEGER,
    event TEXT NOT NULL
  ) STRICT;
  CREATE INDEX outbox_waiting ON outbox (seq) WHERE published_ms IS NULL;
  CREATE INDEX outbox_published ON outbox (published_ms) WHERE published_ms IS NOT NULL;

  CREATE TABLE lease (
    name TEXT PRIMARY KEY, holder TEXT NOT NULL, expires_ms INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  INSERT INTO meta (name, value) VALUES ('last_position', '0');`;
