import { inTurn, type Migration } from './migration.ts';

/** The constraints and indexes of the first version; all of them exist on Neo4j Community. */
export const constraints: Migration = {
  does: 'makes the constraints and indexes',
  apply: (client) => inTurn(client, STATEMENTS),
};

const STATEMENTS: readonly string[] = [
  ...['Post', 'Author', 'Image', 'Mention', 'Entity', 'Surface', 'Fact'].map(
    (label) => `CREATE CONSTRAINT ${label.toLowerCase()}_id IF NOT EXISTS FOR (n:${label}) REQUIRE n.id IS UNIQUE`,
  ),
  'CREATE CONSTRAINT asserts_id IF NOT EXISTS FOR ()-[r:ASSERTS]-() REQUIRE r.id IS UNIQUE',
  'CREATE CONSTRAINT outbox_key IF NOT EXISTS FOR (n:Outbox) REQUIRE n.key IS UNIQUE',
  'CREATE CONSTRAINT outbox_position IF NOT EXISTS FOR (n:Outbox) REQUIRE n.position IS UNIQUE',
  'CREATE CONSTRAINT sequence_name IF NOT EXISTS FOR (n:Sequence) REQUIRE n.name IS UNIQUE',
  'CREATE CONSTRAINT lease_name IF NOT EXISTS FOR (n:Lease) REQUIRE n.name IS UNIQUE',
  'CREATE CONSTRAINT schema_name IF NOT EXISTS FOR (n:GrapevineSchema) REQUIRE n.name IS UNIQUE',
  'CREATE INDEX post_author IF NOT EXISTS FOR (n:Post) ON (n.authorId, n.eventMs)',
  'CREATE INDEX post_deleted IF NOT EXISTS FOR (n:Post) ON (n.deleted)',
  'CREATE INDEX entity_norm_name IF NOT EXISTS FOR (n:Entity) ON (n.normName)',
  'CREATE INDEX entity_name IF NOT EXISTS FOR (n:Entity) ON (n.name)',
  'CREATE INDEX entity_type IF NOT EXISTS FOR (n:Entity) ON (n.type)',
  'CREATE INDEX surface_entity IF NOT EXISTS FOR (n:Surface) ON (n.entityId)',
  'CREATE INDEX fact_created IF NOT EXISTS FOR (n:Fact) ON (n.createdMs)',
  'CREATE INDEX fact_expired IF NOT EXISTS FOR (n:Fact) ON (n.expiredMs)',
  'CREATE INDEX waiting_seq IF NOT EXISTS FOR (n:Waiting) ON (n.seq)',
  'CREATE INDEX fact_type IF NOT EXISTS FOR (n:Fact) ON (n.type)',
];
