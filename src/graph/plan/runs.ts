import type { UpsertOutcome } from '../graph-store.ts';
import { decide, isApplied } from './decide.ts';
import { type Mark, type Marks, NO_MARKS, withMark } from './marks.ts';
import type { PlacedPost, PostState, ResolvedPost, Standing } from './rows.ts';
import { type MarksById, place, standingOf } from './standings.ts';
import type { Step } from './steps.ts';

/** A post whose incoming version won or whose standing changes, with the state it replaces. */
export interface AcceptedPost {
  readonly incoming: PlacedPost;
  readonly stored: PostState | undefined;
  /** The mark that changes the standing; absent where a version does. */
  readonly mark?: Mark;
}

/** Steps that can be planned together: every post is there once, and an account's mark stands among such marks only. */
export interface Run {
  readonly isAboutAccounts: boolean;
  readonly steps: readonly Step[];
}

/** What a run is decided against. */
export interface RunBefore {
  readonly states: ReadonlyMap<string, PostState>;
  /** Of the posts and of their authors. */
  readonly marks: MarksById;
  /** Full content, parked or not, of the stored posts that the run marks. */
  readonly contents: ReadonlyMap<string, ResolvedPost>;
}

/** A run of steps with what becomes of each. */
export interface DecidedRun {
  readonly outcomes: readonly UpsertOutcome[];
  readonly accepted: readonly AcceptedPost[];
  /** Stored posts whose mentions and evidence the run replaces. */
  readonly replaced: readonly string[];
  /** Marks of subjects that the run changes. */
  readonly marks: MarksById;
}

/** Cuts a batch where a post or account comes again, and between accounts and posts. */
export function splitRuns(steps: readonly Step[]): readonly Run[] {
  const runs: { isAboutAccounts: boolean; steps: Step[] }[] = [];
  let seen = new Set<string>();
  for (const step of steps) {
    const isAboutAccounts = step.kind === 'account';
    const last = runs.at(-1);
    const isSame = last?.isAboutAccounts === isAboutAccounts && !(step.id !== undefined && seen.has(step.id));
    if (!isSame) {
      runs.push({ isAboutAccounts, steps: [] });
      seen = new Set();
    }
    if (step.id !== undefined) seen.add(step.id);
    runs.at(-1)?.steps.push(step);
  }
  return runs;
}

/** The stored posts of a run whose content its marks may hide or bring back. */
export function markedPosts(steps: readonly Step[], states: ReadonlyMap<string, PostState>): readonly string[] {
  const marked = steps.flatMap((step) => (step.kind === 'mark' ? [step.id] : []));
  return marked.filter((id) => hasContent(states.get(id)));
}

/** The authors whose marks a run depends on, sorted. */
export function authorsOf(steps: readonly Step[], states: ReadonlyMap<string, PostState>): readonly string[] {
  const incoming = steps.flatMap((step) => (step.kind === 'post' ? [step.post.row.authorId] : []));
  const stored = [...states.values()].map((state) => state.authorId);
  return [...new Set([...incoming, ...stored].filter((id) => id !== null))].sort();
}

/** Decides about every step of a run that is not about accounts. */
export function decideRun(steps: readonly Step[], before: RunBefore): DecidedRun {
  const accepted: AcceptedPost[] = [];
  const marks = new Map<string, Marks>();
  const outcomes = steps.map((step): UpsertOutcome => {
    if (step.kind === 'post') return acceptPost(step.post, before, accepted);
    if (step.kind !== 'mark') return 'event_not_applied';
    const old = before.marks.get(step.id) ?? NO_MARKS;
    const changed = withMark(old, step.mark);
    if (changed === old) return 'unchanged';
    marks.set(step.id, changed);
    const moved = movedPost(before.states.get(step.id), step.mark, new Map([...before.marks, [step.id, changed]]));
    if (!moved) return 'marked';
    accepted.push(acceptMove(moved, before.contents));
    return moved.to === 'live' ? 'restored' : 'hidden';
  });
  return { ...decidedRun(outcomes, accepted), marks };
}

/** A stored post whose standing a mark changes. */
export interface MovedPost {
  readonly stored: PostState;
  readonly to: Standing;
  readonly mark: Mark;
}

/** The move that the marks, the new one among them, make of a stored post; undefined when they leave it as it is. */
export function movedPost(stored: PostState | undefined, mark: Mark, marks: MarksById): MovedPost | undefined {
  if (!stored || !hasContent(stored)) return undefined;
  const to = standingOf(stored, marks);
  return to === stored.standing ? undefined : { stored, to, mark };
}

/** A move with the content it takes away or brings back. */
export function acceptMove(move: MovedPost, contents: ReadonlyMap<string, ResolvedPost>): AcceptedPost {
  const content = contents.get(move.stored.id) as ResolvedPost;
  return { incoming: place(content, move.to), stored: move.stored, mark: move.mark };
}

/** A run of accepted posts with the stored ones whose content they replace. */
export function decidedRun(
  outcomes: readonly UpsertOutcome[],
  accepted: readonly AcceptedPost[],
): Omit<DecidedRun, 'marks'> {
  const live = accepted.filter((post) => post.stored?.standing === 'live');
  return { outcomes, accepted, replaced: live.map((post) => post.incoming.row.id).sort() };
}

function acceptPost(post: ResolvedPost, before: RunBefore, accepted: AcceptedPost[]): UpsertOutcome {
  const stored = before.states.get(post.row.id);
  const outcome = decide(stored, post.row);
  if (!isApplied(outcome)) return outcome;
  const standing = standingOf(post.row, before.marks);
  accepted.push({ incoming: place(post, standing), stored });
  if (standing === 'blanked') return 'tombstoned';
  return standing === 'hidden' ? 'hidden' : outcome;
}

function hasContent(stored: PostState | undefined): boolean {
  return stored?.standing === 'live' || stored?.standing === 'hidden';
}
