import { factPlaces } from '../apply-facts.ts';
import { integer, type Neo4jClient } from '../client.ts';
import { mentionPlace } from '../places.ts';
import { inTurn, type Migration } from './migration.ts';

type MentionRow = Parameters<typeof mentionPlace>[0];
type FactRow = Parameters<typeof factPlaces>[0];

/** Lists of an entity are read from an index, however long they are. */
export const places: Migration = {
  does: 'keeps the mentions and facts of each entity in order',
  async apply(client) {
    await placeAll<MentionRow>(client, { label: 'Mention', placesOf: (row) => ({ place: mentionPlace(row) }) });
    await placeAll<FactRow>(client, {
      label: 'Fact',
      placesOf: (row) => factPlaces({ ...row, expiredMs: row.expiredMs ?? null }),
    });
    await inTurn(client, [
      'CREATE INDEX mention_place IF NOT EXISTS FOR (n:Mention) ON (n.place)',
      'CREATE INDEX fact_head_place IF NOT EXISTS FOR (n:Fact) ON (n.headPlace)',
      'CREATE INDEX fact_tail_place IF NOT EXISTS FOR (n:Fact) ON (n.tailPlace)',
    ]);
  },
};

const ROWS_PER_READ = 5_000;

async function placeAll<T extends { readonly id: string }>(
  client: Neo4jClient,
  { label, placesOf }: { readonly label: string; readonly placesOf: (row: T) => object },
): Promise<void> {
  let after: string | undefined = '';
  while (after !== undefined) {
    const found: readonly { row: T }[] = await client.read(
      `MATCH (n:${label}) WHERE n.id > $after RETURN properties(n) AS row ORDER BY n.id LIMIT $limit`,
      { after, limit: integer(ROWS_PER_READ) },
    );
    const rows = found.map(({ row }) => ({ id: row.id, places: placesOf(row) }));
    await client.write((run) =>
      run(`UNWIND $rows AS row MATCH (n:${label} {id: row.id}) SET n += row.places`, { rows }),
    );
    after = found.at(-1)?.row.id;
  }
}
