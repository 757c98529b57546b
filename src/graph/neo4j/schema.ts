import { type MigrationReport, refuseNewer, refuseOlder } from '../migration-report.ts';
import { integer, type Neo4jClient } from './client.ts';
import { MIGRATIONS } from './migrations/index.ts';

/**
 * Makes the constraints and indexes of a new database, and leaves one of another schema as it is.
 *
 * @throws {GRAPH_NEWER} when a later Grapevine has written it.
 * @throws {GRAPH_OLDER} when it has to be migrated first.
 */
export async function prepareSchema(client: Neo4jClient, place: string): Promise<void> {
  const found = await versionOf(client);
  if (found === 0) {
    for (const step of MIGRATIONS) await step.apply(client);
    // Told at the end only: another process that comes meanwhile makes what is missing itself.
    return finish(client, MIGRATIONS.length);
  }
  refuseNewer({ found, known: MIGRATIONS.length, place });
  refuseOlder({ found, known: MIGRATIONS.length, place });
}

/**
 * Brings a database to the newest schema, a step at a time.
 *
 * @throws {GRAPH_NEWER} when a later Grapevine has written it.
 */
export async function migrate(client: Neo4jClient, place: string): Promise<MigrationReport> {
  const from = await versionOf(client);
  refuseNewer({ found: from, known: MIGRATIONS.length, place });
  const steps = MIGRATIONS.slice(from);
  for (const [index, step] of steps.entries()) {
    await step.apply(client);
    await finish(client, from + index + 1);
  }
  return { from, to: MIGRATIONS.length, steps: steps.map((step) => step.does) };
}

/** Schema version of a database, 0 for a new one. */
async function versionOf(client: Neo4jClient): Promise<number> {
  const [found] = await client.read<{ version: number }>(
    "MATCH (s:GrapevineSchema {name: 'grapevine'}) RETURN s.version AS version",
  );
  return found?.version ?? 0;
}

async function finish(client: Neo4jClient, version: number): Promise<void> {
  await client.schema('CALL db.awaitIndexes(300)');
  await client.write((run) =>
    run("MERGE (s:GrapevineSchema {name: 'grapevine'}) SET s.version = $version", { version: integer(version) }),
  );
}
