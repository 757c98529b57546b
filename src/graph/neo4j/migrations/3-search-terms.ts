import { searchTerms as termsOf } from '../../resolve/search-terms.ts';
import { integer, type Neo4jClient } from '../client.ts';
import { inTurn, type Migration } from './migration.ts';

/** Entities are found by the words of all their surface forms. The words are apart by spaces already. */
export const searchTerms: Migration = {
  does: 'makes the words of all names searchable',
  async apply(client) {
    await addAll(client);
    await inTurn(client, [
      `CREATE FULLTEXT INDEX surface_terms IF NOT EXISTS FOR (n:Surface) ON EACH [n.terms]
       OPTIONS {indexConfig: {\`fulltext.analyzer\`: 'whitespace'}}`,
    ]);
  },
};

const SURFACES_PER_READ = 5_000;

async function addAll(client: Neo4jClient): Promise<void> {
  let after: string | undefined = '';
  while (after !== undefined) {
    const found: readonly { id: string; text: string }[] = await client.read(
      'MATCH (s:Surface) WHERE s.id > $after RETURN s.id AS id, s.text AS text ORDER BY s.id LIMIT $limit',
      { after, limit: integer(SURFACES_PER_READ) },
    );
    const rows = found.map(({ id, text }) => ({ id, terms: termsOf(text).join(' ') }));
    await client.write((run) =>
      run('UNWIND $rows AS row MATCH (s:Surface {id: row.id}) SET s.terms = row.terms', { rows }),
    );
    after = found.at(-1)?.id;
  }
}
