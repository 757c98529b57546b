import type { Decision } from '../../../domain/decision.ts';
import { subjectsOf } from '../../plan/about.ts';
import { initialsOf } from '../../resolve/initials.ts';
import { integer, type Neo4jClient } from '../client.ts';
import { inTurn, type Migration } from './migration.ts';

/** What suggestions look for: decisions by what they are about, long names by their initials, accounts by handle and name. */
export const suggestions: Migration = {
  does: 'makes decisions, initials and accounts searchable',
  async apply(client) {
    await inTurn(client, SCHEMA);
    await addSubjects(client);
    await addInitials(client);
    await addHandles(client);
  },
};

const SCHEMA: readonly string[] = [
  'CREATE CONSTRAINT decision_subject_id IF NOT EXISTS FOR (n:DecisionSubject) REQUIRE n.id IS UNIQUE',
  'CREATE INDEX entity_initials IF NOT EXISTS FOR (n:Entity) ON (n.initials)',
  'CREATE INDEX redirect_root IF NOT EXISTS FOR (n:Redirect) ON (n.rootId)',
  'CREATE INDEX author_handle IF NOT EXISTS FOR (n:Author) ON (n.handleKey)',
  'CREATE INDEX author_name IF NOT EXISTS FOR (n:Author) ON (n.name)',
];

const ROWS_PER_READ = 5_000;

async function addSubjects(client: Neo4jClient): Promise<void> {
  const found = await client.read<{ decision: string }>(
    'MATCH (d:Decision) RETURN d.decision AS decision ORDER BY d.seq',
  );
  const log = found.map(({ decision }) => JSON.parse(decision) as Decision);
  const rows = log.map((decision) => ({ id: decision.id, subjects: [...new Set(subjectsOf(decision, log))] }));
  await client.write((run) =>
    run(
      `UNWIND $rows AS row MATCH (d:Decision {id: row.id}) UNWIND row.subjects AS subject
       MERGE (s:DecisionSubject {id: subject}) MERGE (d)-[:ABOUT]->(s)`,
      { rows },
    ),
  );
}

async function addInitials(client: Neo4jClient): Promise<void> {
  await inParts(client, 'Entity', 'normName', 'initials', (name) => initialsOf(name) ?? null);
}

async function addHandles(client: Neo4jClient): Promise<void> {
  await inParts(client, 'Author', 'handle', 'handleKey', (handle) => handle.replace(/^@+/, '').toLowerCase());
}

/** Sets one property of all nodes of a label from another of theirs. */
async function inParts(
  client: Neo4jClient,
  label: string,
  from: string,
  to: string,
  change: (value: string) => string | null,
): Promise<void> {
  let after: string | undefined = '';
  while (after !== undefined) {
    const found: readonly { id: string; value: string | null }[] = await client.read(
      `MATCH (n:${label}) WHERE n.id > $after RETURN n.id AS id, n.${from} AS value ORDER BY n.id LIMIT $limit`,
      { after, limit: integer(ROWS_PER_READ) },
    );
    const rows = found.flatMap(({ id, value }) => (value === null ? [] : [{ id, value: change(value) }]));
    await client.write((run) =>
      run(`UNWIND $rows AS row MATCH (n:${label} {id: row.id}) SET n.${to} = row.value`, { rows }),
    );
    after = found.at(-1)?.id;
  }
}
