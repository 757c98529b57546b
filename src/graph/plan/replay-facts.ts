import type { Fact, FactEventKind } from '../../domain/graph.ts';
import { eventKey } from '../../domain/ids.ts';
import type { FactNumbers } from '../resolve/confidence.ts';
import type { PartRequest } from '../resolve/hot-parts.ts';
import { causeOf } from './cause.ts';
import { type Counted, FactTallies } from './fact-tallies.ts';
import type { EvidenceRow, FactEventDraft, FactRow, HotWrites } from './rows.ts';
import type { AcceptedPost } from './runs.ts';

/** What the facts that a run touches look like before it. */
export interface FactsBefore extends Counted {
  /** Facts that accepted posts supported until now, by post. */
  readonly oldFacts: ReadonlyMap<string, readonly string[]>;
  /** Stored rows of all touched facts, expired ones included. */
  readonly facts: readonly FactRow[];
}

/** What the touched facts look like after a run, and what happened to them on the way. */
export interface FactsAfter {
  readonly facts: readonly FactRow[];
  /** Facts as they were when they were retracted; only those that readers can have seen. */
  readonly past: readonly FactRow[];
  readonly hot: HotWrites;
  readonly events: readonly FactEventDraft[];
}

/** What one accepted post does to one fact. */
interface FactStep {
  readonly post: AcceptedPost;
  readonly factId: string;
  /** What it says for the fact now; undefined when nothing. */
  readonly next: EvidenceRow | undefined;
}

/** Parts of hot facts that have to be read before a run can be replayed. */
export function missingParts(accepted: readonly AcceptedPost[], before: FactsBefore): readonly PartRequest[] {
  if (before.hot.size === 0) return [];
  const tallies = new FactTallies({ ...before, evidence: [] });
  for (const step of factSteps(accepted, before)) {
    if (before.hot.has(step.factId)) applyStep(tallies, step);
  }
  return tallies.missing;
}

/**
 * Applies the evidence of accepted posts one post after the other and recomputes each touched fact from its evidence at
 * every step, so that the events do not depend on how the stream was cut into batches.
 */
export function replayFacts(accepted: readonly AcceptedPost[], before: FactsBefore, nowMs: number): FactsAfter {
  const facts = new Map(before.facts.map((fact) => [fact.id, fact]));
  const tallies = new FactTallies(before);
  const changed = new Set<string>();
  const past: FactRow[] = [];
  const events: FactEventDraft[] = [];
  for (const step of factSteps(accepted, before)) {
    const { factId, next, post } = step;
    const old = facts.get(factId);
    const fact = recompute(old, next, applyStep(tallies, step), nowMs);
    if (!fact) continue;
    facts.set(factId, fact);
    changed.add(factId);
    const kind = transition(old, fact);
    if (kind === 'fact.retracted' && old && old.createdMs < nowMs) past.push({ ...old, expiredMs: nowMs });
    if (kind)
      events.push({
        ...draft(kind, fact, post, nowMs),
        ...(kind !== 'fact.created' && old && { before: numbersOf(old) }),
      });
  }
  const rows = [...changed].sort().map((id) => facts.get(id) as FactRow);
  return { facts: rows, past, hot: tallies.writes(rows), events };
}

function* factSteps(
  accepted: readonly AcceptedPost[],
  { oldFacts }: Pick<FactsBefore, 'oldFacts'>,
): Generator<FactStep> {
  for (const post of accepted) {
    const wanted = new Map(post.incoming.evidence.map((row) => [row.factId, row]));
    const ids = new Set([...(oldFacts.get(post.incoming.row.id) ?? []), ...wanted.keys()]);
    for (const factId of [...ids].sort()) yield { post, factId, next: wanted.get(factId) };
  }
}

/** The numbers after a step. */
function applyStep(tallies: FactTallies, { post, factId, next }: FactStep): FactNumbers | undefined {
  const tally = tallies.of(factId);
  if (next) tally.set(next);
  else tally.delete(post.incoming.row.id);
  return tally.numbers();
}

/** The fact after one step; undefined for one that never was and still has nothing for it. */
function recompute(
  old: FactRow | undefined,
  next: EvidenceRow | undefined,
  numbers: FactNumbers | undefined,
  nowMs: number,
): FactRow | undefined {
  const wasLive = old !== undefined && old.expiredMs === null;
  if (!numbers) return old && { ...old, ...NOTHING, expiredMs: wasLive ? nowMs : old.expiredMs };
  const createdMs = wasLive ? old.createdMs : nowMs;
  if (old) return { ...old, ...numbers, createdMs, expiredMs: null };
  if (!next) return undefined;
  const { factId: id, factType: type, headId, tailId } = next;
  return { id, type, headId, tailId, ...numbers, createdMs, expiredMs: null };
}

const NOTHING = { confidence: 0, maxConfidence: 0, evidenceCount: 0, sourceCount: 0, authorCount: 0 };

function transition(old: FactRow | undefined, fact: FactRow): FactEventKind | undefined {
  const wasLive = old !== undefined && old.expiredMs === null;
  const isLive = fact.expiredMs === null;
  if (isLive && !wasLive) return 'fact.created';
  if (wasLive && !isLive) return 'fact.retracted';
  return isLive && old && fact.sourceCount > old.sourceCount ? 'fact.strengthened' : undefined;
}

function draft(kind: FactEventKind, row: FactRow, post: AcceptedPost, atMs: number): FactEventDraft {
  const { expiredMs: _, ...fact } = row;
  const { postId, postVersion, cause } = causeOf(post);
  return { key: eventKey(kind, fact.id, postId, cause), kind, fact: fact as Fact, postId, postVersion, atMs };
}

export function numbersOf({ confidence, maxConfidence, evidenceCount, sourceCount, authorCount }: FactRow) {
  return { confidence, maxConfidence, evidenceCount, sourceCount, authorCount };
}
