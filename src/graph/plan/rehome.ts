import type { Decision } from '../../domain/decision.ts';
import type { Fact, FactEventKind } from '../../domain/graph.ts';
import { eventKey } from '../../domain/ids.ts';
import { subjectsOf } from './about.ts';
import { canonicalEvidence, canonicalise } from './canonicalise.ts';
import { numbersOf } from './replay-facts.ts';
import { type Redirect, type Rejected, type Resolution, rootOf } from './resolution.ts';
import type { FactEventDraft, FactRow, PostState, ResolvedPost } from './rows.ts';
import type { AcceptedPost } from './runs.ts';
import { place } from './standings.ts';

/** Rows of the resolution that a decision changes. */
export interface ResolutionDiff {
  readonly redirects: { readonly put: readonly Redirect[]; readonly gone: readonly string[] };
  readonly rejected: { readonly put: readonly string[]; readonly gone: readonly string[] };
  /** Entities as they are in the graph before, whose posts may have to be written again. */
  readonly entities: readonly string[];
}

/** What a decision changes. */
export function diffResolutions(before: Resolution, after: Resolution): ResolutionDiff {
  const redirects = diffMaps<Redirect>(before.redirects, after.redirects);
  const rejected = diffMaps<Rejected>(before.rejected, after.rejected);
  const moved = [...redirects.put.map(([id]) => id), ...redirects.gone];
  const heads = [...rejected.put.map(([, ends]) => ends), ...rejected.gone.map((id) => before.rejected.get(id))];
  const wereHeads = heads.flatMap((ends) => (ends ? everUnder(before, ends.headId) : []));
  return {
    redirects: { put: redirects.put.map(([, redirect]) => redirect), gone: redirects.gone },
    rejected: { put: rejected.put.map(([id]) => id), gone: rejected.gone },
    entities: [...new Set([...moved, ...wereHeads].map((id) => rootOf(before, id)))].sort(),
  };
}

/** Surface forms that stand, or once stood, for an entity. */
function everUnder({ redirects }: Resolution, id: string): readonly string[] {
  const parts = [...redirects.values()].filter(({ path }) => path.includes(id));
  return [id, ...parts.map(({ surface }) => surface.id)];
}

function diffMaps<T>(before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>) {
  const isNew = ([id, value]: readonly [string, T]) =>
    before.get(id) !== value && JSON.stringify(before.get(id)) !== JSON.stringify(value);
  return { put: [...after].filter(isNew), gone: [...before.keys()].filter((id) => !after.has(id)) };
}

/** The facts that a decision touches, gathered part by part. */
export class Rehoming {
  readonly #before: Resolution;
  readonly #after: Resolution;
  readonly #was = new Map<string, FactRow>();
  readonly #is = new Map<string, FactRow>();
  readonly #moves = new Map<string, Set<string>>();
  /** Posts that were written again. */
  posts = 0;

  constructor(before: Resolution, after: Resolution) {
    this.#before = before;
    this.#after = after;
  }

  /** The posts among those of a part that the decision changes. */
  accept(states: ReadonlyMap<string, PostState>, contents: ReadonlyMap<string, ResolvedPost>): readonly AcceptedPost[] {
    const accepted = [...contents].flatMap(([id, said]): AcceptedPost[] => {
      const stored = states.get(id);
      if (stored?.standing !== 'live' || !this.#isChanged(said)) return [];
      for (const row of said.evidence) this.#move(row);
      return [{ incoming: place(said, 'live'), stored }];
    });
    this.posts += accepted.length;
    return accepted.sort((a, b) => (a.incoming.row.id < b.incoming.row.id ? -1 : 1));
  }

  /** Notes what a part did to facts. */
  note({ was, is }: { readonly was: readonly FactRow[]; readonly is: readonly FactRow[] }): void {
    for (const fact of was) if (!this.#was.has(fact.id) && !this.#is.has(fact.id)) this.#was.set(fact.id, fact);
    for (const fact of is) this.#is.set(fact.id, fact);
  }

  /**
   * What there is to tell of facts: those that go to others, and such as come or go with nothing else instead. Each event
   * names the decision among those taken that is about an end of its fact, the first of several.
   */
  events(taken: readonly Decision[], past: readonly Decision[]): readonly FactEventDraft[] {
    const causes = causesOf(taken, past);
    const causeOf = (id: string): Decision => {
      const fact = this.#was.get(id) ?? this.#is.get(id);
      const ends = fact ? [fact.headId, fact.tailId] : [];
      return ends.flatMap((end) => causes.get(end) ?? [])[0] ?? (taken[0] as Decision);
    };
    const isMoved = (id: string) => this.#moves.has(id) && !this.#lives(id);
    const targets = new Set([...this.#moves.values()].flatMap((ids) => [...ids]));
    const others = [...this.#is.values()].flatMap((fact): FactEventDraft[] => {
      const [wasLive, isLive] = [isLiveRow(this.#was.get(fact.id)), isLiveRow(fact)];
      if (wasLive && !isLive && !isMoved(fact.id)) return [retraction(fact, this.#was.get(fact.id), causeOf(fact.id))];
      return !wasLive && isLive && !targets.has(fact.id) ? [draft('fact.created', fact, causeOf(fact.id))] : [];
    });
    const moved = [...this.#moves].sort(byFirst).flatMap(([from, ids]) =>
      [...ids].sort().map((to, index): FactEventDraft => {
        const isLast = index === ids.size - 1;
        const moved = { movedFrom: from, remains: this.#lives(from) || !isLast };
        return { ...draft('fact.moved', this.#is.get(to) as FactRow, causeOf(from), from), ...moved };
      }),
    );
    return [...moved, ...others.sort((a, b) => (a.key < b.key ? -1 : 1))];
  }

  #isChanged(said: ResolvedPost): boolean {
    const shape = (resolution: Resolution) => {
      const { mentions, evidence } = canonicalise(said, resolution);
      return JSON.stringify([mentions.map(({ entityId }) => entityId), evidence.map(({ id }) => id)]);
    };
    return shape(this.#before) !== shape(this.#after);
  }

  #move(row: ResolvedPost['evidence'][number]): void {
    const from = canonicalEvidence(row, this.#before)?.factId;
    const to = canonicalEvidence(row, this.#after)?.factId;
    if (from === undefined || to === undefined || from === to) return;
    this.#moves.set(from, (this.#moves.get(from) ?? new Set()).add(to));
  }

  #lives(id: string): boolean {
    return isLiveRow(this.#is.get(id) ?? this.#was.get(id));
  }
}

/** The first of the decisions taken about each entity. */
export function causesOf(taken: readonly Decision[], past: readonly Decision[]): ReadonlyMap<string, Decision> {
  const log = [...past, ...taken];
  const causes = new Map<string, Decision>();
  for (const decision of taken) {
    for (const id of subjectsOf(decision, log)) if (!causes.has(id)) causes.set(id, decision);
  }
  return causes;
}

function byFirst([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function isLiveRow(fact: FactRow | undefined): boolean {
  return fact !== undefined && fact.expiredMs === null;
}

function draft(kind: FactEventKind, row: FactRow, { id, atMs }: Decision, from = ''): FactEventDraft {
  const { expiredMs: _, ...fact } = row;
  const key = eventKey(kind, fact.id, from, id);
  return { key, kind, fact: fact as Fact, postId: '', postVersion: '', decisionId: id, atMs };
}

function retraction(fact: FactRow, was: FactRow | undefined, decision: Decision): FactEventDraft {
  const event = draft('fact.retracted', fact, decision);
  return was ? { ...event, before: numbersOf(was) } : event;
}
