import { signal } from '@preact/signals';
import { readNewestPosts } from '../data/read.ts';
import type { Post, Stats } from '../data/rows.ts';
import { connection, paused } from './live.ts';

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

const LOOK_MS = 1500;
const RATE_MS = 15_000;
const SHOWN = 20;

/** Looks for new posts as long as the page is open and seen. */
export async function stream(): Promise<never> {
  let looks: { readonly at: number; readonly posts: number }[] = [];
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, posts.value.length === 0 ? 300 : LOOK_MS));
    if (document.hidden || connection.value.kind !== 'live') continue;
    try {
      const answer = await readNewestPosts(SHOWN);
      const at = performance.now();
      looks = [...looks, { at, posts: answer.stats.posts }].filter((look) => at - look.at <= RATE_MS);
      const [first] = looks;
      if (first && at > first.at) {
        rate.value = Math.max(0, (answer.stats.posts - first.posts) / ((at - first.at) / 1000));
      }
      stats.value = answer.stats;
      if (!paused.value && !isHeld.value) show(answer.posts);
    } catch {
      // Whether the server answers is told by those who follow the graph.
      looks = [];
    }
  }
}

function show(newest: readonly Post[]): void {
  const known = new Set(posts.value.map((post) => post.id));
  if (known.size > 0) newPosts.value = new Set(newest.filter((post) => !known.has(post.id)).map((post) => post.id));
  posts.value = newest;
}
