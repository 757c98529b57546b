import type { UpsertOutcome } from '../graph-store.ts';
import { decide, isApplied } from './decide.ts';
import type { PostState, ResolvedPost } from './rows.ts';

/** A post whose incoming version won, with the state it replaces. */
export interface AcceptedPost {
  readonly incoming: ResolvedPost;
  readonly stored: PostState | undefined;
}

/** A run of posts with what becomes of each. */
export interface DecidedRun {
  readonly outcomes: readonly UpsertOutcome[];
  readonly accepted: readonly AcceptedPost[];
  /** Stored posts whose mentions and evidence the run replaces. */
  readonly replaced: readonly string[];
}

/** Cuts a batch where a post comes again, so that within a run every post is there once. */
export function splitRuns(posts: readonly ResolvedPost[]): readonly (readonly ResolvedPost[])[] {
  const runs: ResolvedPost[][] = [];
  let seen = new Set<string>();
  for (const post of posts) {
    if (runs.length === 0 || seen.has(post.row.id)) {
      runs.push([]);
      seen = new Set();
    }
    seen.add(post.row.id);
    runs.at(-1)?.push(post);
  }
  return runs;
}

/** Decides about every post of a run against what is stored. */
export function decideRun(run: readonly ResolvedPost[], states: ReadonlyMap<string, PostState>): DecidedRun {
  const outcomes = run.map((post) => decide(states.get(post.row.id), post.row));
  const accepted: AcceptedPost[] = [];
  run.forEach((incoming, index) => {
    if (isApplied(outcomes[index] as UpsertOutcome)) accepted.push({ incoming, stored: states.get(incoming.row.id) });
  });
  const live = accepted.filter((post) => post.stored && !post.stored.deleted);
  return { outcomes, accepted, replaced: live.map((post) => post.incoming.row.id).sort() };
}
