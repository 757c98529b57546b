import type { UpsertOutcome } from '../graph-store.ts';
import type { Mark } from './marks.ts';
import type { PostState } from './rows.ts';
import { type MovedPost, movedPost } from './runs.ts';
import type { MarksById } from './standings.ts';

/** Posts of one account that are moved together: what is in memory of an account with a great many. */
export const POSTS_PER_ACCOUNT_RUN = 500;

/** What a new mark of an account does to the author's posts, in the order of their ids. */
export function decideAccount(
  states: readonly PostState[],
  mark: Mark,
  marks: MarksById,
): { readonly outcome: UpsertOutcome; readonly moves: readonly MovedPost[] } {
  const moves = states
    .map((stored) => movedPost(stored, mark, marks))
    .filter((move) => move !== undefined)
    .sort((a, b) => (a.stored.id < b.stored.id ? -1 : 1));
  const goesTo = (standing: MovedPost['to']) => moves.some((move) => move.to === standing);
  if (goesTo('blanked')) return { outcome: 'deleted', moves };
  if (goesTo('hidden')) return { outcome: 'hidden', moves };
  return { outcome: goesTo('live') ? 'restored' : 'marked', moves };
}
