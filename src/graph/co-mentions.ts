/** Posts that a count looks at: the newest that mention the entity. It bounds what a busy entity costs. */
export const CO_MENTION_POSTS = 1_000;

/** Entities of a post that count, in the order of its text: a post that lists forty names links none of them. */
export const ENTITIES_PER_POST = 8;

const DAY_MS = 86_400_000;

/** An entity that posts name beside another one. That is a statistic of words, no fact about the two. */
export interface CoMention {
  readonly entityId: string;
  /** Posts that name both. */
  readonly posts: number;
  /** The same by day of the posts, UTC, `2026-05-15`; the oldest first, days without any left out. */
  readonly days: readonly { readonly day: string; readonly posts: number }[];
}

/** A mention of a post that is looked at. */
export interface CoMentionRow {
  readonly postId: string;
  readonly eventMs: number;
  readonly entityId: string;
}

/**
 * Counts from the mentions of an entity's posts, each post's mentions together and in the order of its text. Most posts
 * first, then by id.
 */
export function countCoMentions(entityId: string, rows: readonly CoMentionRow[]): readonly CoMention[] {
  const posts = new Map<string, { eventMs: number; entities: Set<string> }>();
  for (const row of rows) {
    const post = posts.get(row.postId) ?? { eventMs: row.eventMs, entities: new Set() };
    posts.set(row.postId, post);
    if (post.entities.size < ENTITIES_PER_POST) post.entities.add(row.entityId);
  }
  const counts = new Map<string, Map<string, number>>();
  for (const { eventMs, entities } of posts.values()) {
    if (!entities.delete(entityId)) continue;
    const day = new Date(Math.floor(eventMs / DAY_MS) * DAY_MS).toISOString().slice(0, 10);
    for (const other of entities) {
      const days = counts.get(other) ?? new Map<string, number>();
      counts.set(other, days.set(day, (days.get(day) ?? 0) + 1));
    }
  }
  return [...counts]
    .map(([id, days]) => ({ entityId: id, posts: sum(days.values()), days: sorted(days) }))
    .sort((a, b) => b.posts - a.posts || (a.entityId < b.entityId ? -1 : 1));
}

function sorted(days: ReadonlyMap<string, number>): CoMention['days'] {
  return [...days].map(([day, posts]) => ({ day, posts })).sort((a, b) => (a.day < b.day ? -1 : 1));
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
