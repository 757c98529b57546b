import { GrapevineError } from '../../errors.ts';
import { integer, type Neo4jClient } from './client.ts';

const SCHEMA_VERSION = 2;

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
  'CREATE INDEX outbox_positioned IF NOT EXISTS FOR (n:Outbox) ON (n.positionedMs)',
  'CREATE INDEX waiting_seq IF NOT EXISTS FOR (n:Waiting) ON (n.seq)',
  'CREATE INDEX unpublished_position IF NOT EXISTS FOR (n:Unpublished) ON (n.position)',
  'DROP INDEX outbox_published IF EXISTS',
  'CREATE INDEX fact_type IF NOT EXISTS FOR (n:Fact) ON (n.type)',
];

/** From schema 1, where the lease held the newest position and a waiting event could have one. May run twice. */
const TO_SCHEMA_2: readonly string[] = [
  `MATCH (l:Lease {name: 'relay'}) MERGE (s:Sequence {name: 'positions'})
   ON CREATE SET s.value = coalesce(l.lastPosition, 0) DELETE l`,
  'MATCH (o:Waiting) SET o:Unpublished',
  `MATCH (o:Outbox) WHERE o.position IS NOT NULL AND o.positionedMs IS NULL
   SET o.positionedMs = coalesce(o.publishedMs, timestamp()) REMOVE o:Waiting, o.publishedMs`,
];

/**
 * Makes the constraints and indexes; all of them exist on Neo4j Community.
 *
 * @throws {GRAPH_NEWER} when a later Grapevine has written the database.
 */
export async function prepareSchema(client: Neo4jClient): Promise<void> {
  const [found] = await client.read<{ version: number }>(
    "MATCH (s:GrapevineSchema {name: 'grapevine'}) RETURN s.version AS version",
  );
  if (found && found.version > SCHEMA_VERSION) {
    const versions = `it has schema ${found.version}, this Grapevine knows ${SCHEMA_VERSION}`;
    throw new GrapevineError(
      'GRAPH_NEWER',
      `opening the graph: ${versions}; use the newer Grapevine or another database`,
    );
  }
  for (const statement of STATEMENTS) await client.schema(statement);
  await client.schema('CALL db.awaitIndexes(300)');
  await client.write(async (run) => {
    if (found?.version === 1) for (const statement of TO_SCHEMA_2) await run(statement);
    await run("MERGE (s:GrapevineSchema {name: 'grapevine'}) SET s.version = $version", {
      version: integer(SCHEMA_VERSION),
    });
  });
}
