import type { PostRow } from '../../plan/rows.ts';
import { placeAmongPosts } from '../apply-posts.ts';
import { integer, type Neo4jClient } from '../client.ts';
import { inTurn, type Migration } from './migration.ts';

/** An author is named as in their newest post, which is found without looking at the others. */
export const authorPlaces: Migration = {
  does: 'keeps the posts of each author in order',
  async apply(client) {
    await placeAll(client);
    await inTurn(client, ['CREATE INDEX post_author_place IF NOT EXISTS FOR (n:Post) ON (n.authorPlace)']);
  },
};

const ROWS_PER_READ = 5_000;

async function placeAll(client: Neo4jClient): Promise<void> {
  let after: string | undefined = '';
  while (after !== undefined) {
    const found: readonly Pick<PostRow, 'id' | 'authorId' | 'eventMs'>[] = await client.read(
      `MATCH (p:Post) WHERE p.id > $after AND p.standing IS NULL AND p.eventMs IS NOT NULL
       RETURN p.id AS id, p.authorId AS authorId, p.eventMs AS eventMs ORDER BY p.id LIMIT $limit`,
      { after, limit: integer(ROWS_PER_READ) },
    );
    const rows = found.map((post) => ({ id: post.id, place: placeAmongPosts(post) }));
    await client.write((run) =>
      run('UNWIND $rows AS row MATCH (p:Post {id: row.id}) SET p.authorPlace = row.place', { rows }),
    );
    after = found.at(-1)?.id;
  }
}
