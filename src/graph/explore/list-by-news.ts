import type { StoredPost } from '../../domain/graph.ts';
import { type CursorList, decodeCursor, encodeCursor } from '../cursor.ts';
import type { GraphReader, Page, PageRequest } from '../graph-reader.ts';
import { MAX_PAGE } from '../page.ts';

/** Posts that are looked through for one page, the newest: few of them may speak of what is wanted. */
const POSTS_LOOKED_THROUGH = 2_000;

/** Greater than every id. */
const LAST = '~';

/** Something that posts speak of. */
export interface Spoken {
  readonly id: string;
  /** When the newest post that speaks of it was published, epoch milliseconds. */
  readonly lastMs: number;
}

/**
 * A page of what posts speak of, that of the newest post first (ties: id). No index keeps this order, since every post
 * would change it: the newest posts are looked through instead, and what they speak of is found where its newest post is.
 * Where more than 2,000 posts have to be looked through a page is shorter, and its `endCursor` goes on after them.
 */
export async function listByNews<T extends Spoken>(
  reader: Pick<GraphReader, 'posts'>,
  list: CursorList,
  page: PageRequest,
  spokenOfBy: (posts: readonly StoredPost[]) => Promise<readonly T[]>,
): Promise<Page<T>> {
  const start = decodeCursor(list, page.after);
  const isAfterStart = ({ id, lastMs }: Spoken) => !start || isAfter([lastMs, id], start);
  let cursor = start && encodeCursor('posts', [Number(start[0]) + (start[1] === LAST ? 0 : 1), LAST]);
  const found = new Map<string, T>();
  for (let looked = 0; ; ) {
    const { items, hasNextPage } = await reader.posts({
      first: MAX_PAGE,
      ...(cursor !== undefined && { after: cursor }),
    });
    const posts = items.map(({ node }) => node);
    for (const one of await spokenOfBy(posts)) if (isAfterStart(one)) found.set(one.id, one);
    looked += posts.length;
    cursor = items.at(-1)?.cursor;
    const endMs = posts.at(-1)?.eventMs ?? 0;
    const isLooked = looked >= POSTS_LOOKED_THROUGH;
    // A millisecond with more posts than are looked through is shown as far as it goes, so that the list goes on.
    const isEndless = isLooked && endMs === start?.[0];
    // Older posts of the same millisecond may still speak of others.
    const isSure = ({ lastMs }: Spoken) => !hasNextPage || isEndless || lastMs > endMs;
    const sure = [...found.values()].filter(isSure).sort(newestFirst);
    const isFull = sure.length > page.first;
    if (!isFull && hasNextPage && !isLooked) continue;
    const shown = sure
      .slice(0, page.first)
      .map((node) => ({ node, cursor: encodeCursor(list, [node.lastMs, node.id]) }));
    if (isFull || !hasNextPage) return { items: shown, hasNextPage: isFull };
    return { items: shown, hasNextPage: true, endCursor: encodeCursor(list, [endMs, isEndless ? LAST : '']) };
  }
}

function newestFirst(a: Spoken, b: Spoken): number {
  return b.lastMs - a.lastMs || (a.id < b.id ? -1 : 1);
}

function isAfter([ms, id]: readonly [number, string], [afterMs, afterId]: readonly (string | number)[]): boolean {
  return ms < Number(afterMs) || (ms === afterMs && id > String(afterId));
}
