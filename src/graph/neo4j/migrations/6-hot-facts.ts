import { integer, type Neo4jClient } from '../client.ts';
import { evidencePlace } from '../places.ts';
import { inTurn, type Migration } from './migration.ts';

/** Facts with much evidence keep what they are counted from. Those that have it already get parts with their next post. */
export const hotFacts: Migration = {
  does: 'lets facts with much evidence take one more post without reading all of it',
  async apply(client) {
    await placeAll(client);
    await inTurn(client, [
      'CREATE CONSTRAINT hot_fact_id IF NOT EXISTS FOR (n:HotFact) REQUIRE n.id IS UNIQUE',
      'CREATE CONSTRAINT hot_part_key IF NOT EXISTS FOR (n:HotPart) REQUIRE n.key IS UNIQUE',
      'CREATE INDEX hot_part_first IF NOT EXISTS FOR (n:HotPart) ON (n.first)',
      'CREATE INDEX hot_part_largest IF NOT EXISTS FOR (n:HotPart) ON (n.largest)',
      'CREATE INDEX asserts_place IF NOT EXISTS FOR ()-[r:ASSERTS]-() ON (r.place)',
    ]);
  },
};

const ROWS_PER_READ = 5_000;

async function placeAll(client: Neo4jClient): Promise<void> {
  let after: string | undefined = '';
  while (after !== undefined) {
    const found: readonly { id: string; factId: string; eventMs: number; postId: string }[] = await client.read(
      `MATCH ()-[a:ASSERTS]->() WHERE a.id > $after
       RETURN a.id AS id, a.factId AS factId, a.eventMs AS eventMs, a.postId AS postId ORDER BY a.id LIMIT $limit`,
      { after, limit: integer(ROWS_PER_READ) },
    );
    const rows = found.map((row) => ({ id: row.id, place: evidencePlace(row) }));
    await client.write((run) =>
      run('UNWIND $rows AS row MATCH ()-[a:ASSERTS {id: row.id}]->() SET a.place = row.place', { rows }),
    );
    after = found.at(-1)?.id;
  }
}
