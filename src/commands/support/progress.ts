import { Presets, SingleBar } from 'cli-progress';
import { formatCount, tell } from './output.ts';

/** Shows how far a long work is. */
export interface Progress {
  /** `done` of the total given at the start, in its unit; `posts` finished so far. */
  update(done: number, posts: number): void;
  /** Ends the display. */
  stop(): void;
}

const LINE_EVERY_MS = 10_000;

/** A bar on a terminal, a line every ten seconds elsewhere; `total` is in bytes, undefined for a pipe. */
export function startProgress(total: number | undefined, quiet: boolean): Progress {
  if (quiet) return { update: () => {}, stop: () => {} };
  if (process.stderr.isTTY && total !== undefined) return startBar(total);
  let last = performance.now();
  return {
    update(done, posts) {
      if (performance.now() - last < LINE_EVERY_MS) return;
      last = performance.now();
      const share = total ? ` (${Math.floor((100 * done) / total)} %)` : '';
      tell(`${formatCount(posts)} posts${share}`);
    },
    stop: () => {},
  };
}

function startBar(total: number): Progress {
  const format = '{bar} {percentage} % | {posts} posts | {eta_formatted} left';
  const bar = new SingleBar(
    { format, stream: process.stderr, hideCursor: true, etaBuffer: 200 },
    Presets.shades_classic,
  );
  bar.start(total, 0, { posts: '0' });
  return {
    update: (done, posts) => bar.update(Math.min(done, total), { posts: formatCount(posts) }),
    stop: () => bar.stop(),
  };
}
