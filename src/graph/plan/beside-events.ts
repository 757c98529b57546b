import type { Extraction } from '../../domain/extraction.ts';
import type { UpsertOutcome } from '../graph-store.ts';

/** Has the posts of a batch applied and answers its events, whose effect on the graph is still to come. */
export async function besideEvents(
  extractions: readonly Extraction[],
  applyPosts: (posts: readonly Extraction[]) => Promise<readonly UpsertOutcome[]>,
): Promise<readonly UpsertOutcome[]> {
  const posts = extractions.filter(isPost);
  const applied = posts.length === 0 ? [] : await applyPosts(posts);
  let next = 0;
  return extractions.map((extraction) =>
    isPost(extraction) ? (applied[next++] as UpsertOutcome) : 'event_not_applied',
  );
}

function isPost({ post }: Extraction): boolean {
  return post.event === undefined;
}
