import type { PostRow } from '../../plan/rows.ts';
import { placeAmongAll } from '../apply-posts.ts';
import { integer, type Neo4jClient } from '../client.ts';
import { inTurn, type Migration } from './migration.ts';

/** The newest posts are listed without reading the others. */
export const newestPosts: Migration = {
  does: 'keeps live posts in the order of their time',
  async apply(client) {
    await placeAll(client);
    await inTurn(client, ['CREATE INDEX post_newest IF NOT EXISTS FOR (n:Post) ON (n.newestPlace)']);
  },
};

const ROWS_PER_READ = 5_000;

async function placeAll(client: Neo4jClient): Promise<void> {
  let after: string | undefined = '';
  while (after !== undefined) {
    const found: readonly Pick<PostRow, 'id' | 'eventMs'>[] = await client.read(
      `MATCH (p:Post) WHERE p.id > $after AND p.standing IS NULL AND p.eventMs IS NOT NULL
       RETURN p.id AS id, p.eventMs AS eventMs ORDER BY p.id LIMIT $limit`,
      { after, limit: integer(ROWS_PER_READ) },
    );
    const rows = found.map((post) => ({ id: post.id, place: placeAmongAll(post) }));
    await client.write((run) =>
      run('UNWIND $rows AS row MATCH (p:Post {id: row.id}) SET p.newestPlace = row.place', { rows }),
    );
    after = found.at(-1)?.id;
  }
}
