import type { GraphReader } from '../graph-reader.ts';
import type { GraphStore } from '../graph-store.ts';
import { readDecisions } from '../read-decisions.ts';
import type { AliasRow } from './alias-file.ts';
import { type AliasRuling, type Overruled, planAliases } from './alias-rulings.ts';

/** How a file of aliases is applied. */
export interface ApplyOptions {
  /** Takes back what an earlier file said and this one does not. */
  readonly removeMissing: boolean;
  /** Only counts. */
  readonly dryRun: boolean;
  /** Told now and then how many rulings of how many are done. */
  readonly onProgress?: (done: number, all: number) => void;
  readonly signal?: AbortSignal;
}

/** What a file of aliases did. */
export interface AppliedAliases {
  /** Decisions that were taken. */
  readonly decided: number;
  /** Decisions that were taken back. */
  readonly removed: number;
  /** Posts that were written again; one may have been so more than once. */
  readonly posts: number;
  /** Rows that said nothing new. */
  readonly known: number;
  readonly overruled: readonly Overruled[];
  /** What the graph refused, with its reasons. */
  readonly refused: readonly string[];
}

/** A merge of what another row merges is possible only before or after that one: what was refused is planned again. */
const MAX_ROUNDS = 3;

/** Decisions taken in one transaction. */
const RULINGS_PER_CALL = 200;

/** Makes the decisions that a file of aliases asks for. Doing it again changes nothing. */
export async function applyAliases(
  graph: { readonly store: GraphStore; readonly reader: GraphReader },
  rows: readonly AliasRow[],
  options: ApplyOptions,
): Promise<AppliedAliases> {
  const first = planAliases(rows, await readDecisions(graph.reader));
  const removals = options.removeMissing ? first.removals : [];
  const { known, overruled } = first;
  if (options.dryRun)
    return { decided: first.rulings.length, removed: removals.length, posts: 0, known, overruled, refused: [] };
  const removed = await decideAll(graph.store, removals, 'no longer in the file of aliases', options);
  const total = { decided: 0, posts: removed.posts };
  let refused: readonly string[] = [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const isAsPlanned = round === 0 && removals.length === 0;
    const { rulings } = isAsPlanned ? first : planAliases(rows, await readDecisions(graph.reader));
    if (rulings.length === 0 || options.signal?.aborted) break;
    const done = await decideAll(graph.store, rulings, 'file of aliases', options);
    total.decided += done.decided;
    total.posts += done.posts;
    refused = done.refused;
    if (refused.length === 0) break;
  }
  return { ...total, removed: removed.decided, known, overruled, refused };
}

async function decideAll(
  store: GraphStore,
  rulings: readonly AliasRuling[],
  reason: string,
  { onProgress, signal }: ApplyOptions,
): Promise<{ readonly decided: number; readonly posts: number; readonly refused: readonly string[] }> {
  const refused: string[] = [];
  let [decided, posts] = [0, 0];
  for (let at = 0; at < rulings.length; at += RULINGS_PER_CALL) {
    if (signal?.aborted) break;
    const asked = rulings.slice(at, at + RULINGS_PER_CALL).map(({ id, ruling }) => ({ id, ruling, reason }));
    const done = await store.decideAll(asked);
    for (const outcome of done.outcomes) {
      if ('refused' in outcome) refused.push(outcome.refused);
      else if (outcome.isNew) decided++;
    }
    posts += done.posts;
    onProgress?.(Math.min(at + RULINGS_PER_CALL, rulings.length), rulings.length);
  }
  return { decided, posts, refused };
}
