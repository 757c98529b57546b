import { signal } from '@preact/signals';
import { readNewestPosts, readStats } from '../data/graph.ts';
import type { Post, Stats } from '../data/rows.ts';
import { isFeedOpen } from './alerts.ts';
import { connection, paused } from './live.ts';
import { view } from './page.ts';

/** The newest posts, newest first. */
export const posts = signal<readonly Post[]>([]);

/** Sizes of the graph at the last look. */
export const stats = signal<Stats | undefined>(undefined);

/** Posts a second that came in lately; undefined until two looks tell. */
export const rate = signal<number | undefined>(undefined);

/** Ids of posts that came after the page was opened. */
export const newPosts = signal<ReadonlySet<string>>(new Set());

/** True while somebody points at the posts: what they want to press must not move away. */
export const isHeld = signal(false);

const FIRST_LOOK_MS = 300;
const LOOK_MS = 1500;
const RATE_MS = 15_000;
const SHOWN = 20;

/**
 * Looks at the sizes of the graph as long as the page is open and seen, and reads the newest posts when they changed. A post
 * without a link is no event that a server would send.
 */
export async function stream(): Promise<never> {
  let looks: { readonly at: number; readonly posts: number }[] = [];
  let shownAt: string | undefined;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, stats.value ? LOOK_MS : FIRST_LOOK_MS));
    if (document.hidden || connection.value.kind !== 'live') continue;
    try {
      const sizes = await readStats();
      const at = performance.now();
      looks = [...looks, { at, posts: sizes.posts }].filter((look) => at - look.at <= RATE_MS);
      const [first] = looks;
      if (first && at > first.at) rate.value = Math.max(0, (sizes.posts - first.posts) / ((at - first.at) / 1000));
      stats.value = sizes;
      // Beside the details of something, or the alerts, there is no place for posts.
      if (paused.value || isHeld.value || isFeedOpen.value || view.value.selected !== '') continue;
      const state = `${sizes.posts} ${sizes.mentions} ${sizes.eventCursor}`;
      if (state === shownAt) continue;
      show(await readNewestPosts(SHOWN));
      shownAt = state;
    } catch {
      // Whether the server answers is told by those who follow the graph.
      looks = [];
    }
  }
}

function show(newest: readonly Post[]): void {
  const known = new Map(posts.value.map((post) => [post.id, post]));
  if (known.size > 0) newPosts.value = new Set(newest.filter((post) => !known.has(post.id)).map((post) => post.id));
  // A post that is shown already stays the same object: its card need not be made again.
  posts.value = newest.map((post) => {
    const old = known.get(post.id);
    return old?.version === post.version && old.mentions.length === post.mentions.length ? old : post;
  });
}
