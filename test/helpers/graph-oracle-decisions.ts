import type { Decision } from '../../src/domain/decision.ts';
import { evidenceId, factId } from '../../src/domain/ids.ts';
import type { EvidenceRow, ResolvedPost } from '../../src/graph/plan/rows.ts';

/** What decisions say, by the rules word for word: for every name the list of all it has been. */
export class ToldDecisions {
  readonly #been = new Map<string, readonly string[]>();
  readonly #wrong = new Set<string>();

  constructor(log: readonly Decision[]) {
    const isUndone = (id: string): boolean =>
      log.some((other) => other.kind === 'undo' && other.decisionId === id && !isUndone(other.id));
    for (const decision of log.filter(({ id }) => !isUndone(id))) {
      if (decision.kind === 'merge') this.#merge(decision.from.id, decision.into.id);
      if (decision.kind === 'split') this.#been.delete(decision.entity.id);
      if (decision.kind === 'reject') this.#wrong.add(factId(decision.headId, decision.type, decision.tailId));
    }
  }

  /** A post as it is to be in the graph. */
  applyTo(post: ResolvedPost): ResolvedPost {
    const evidence = new Map<string, EvidenceRow>();
    for (const row of post.evidence) {
      const told = this.#evidence(row);
      if (told && (evidence.get(told.id)?.p ?? 0) < told.p) evidence.set(told.id, told);
    }
    const mentions = post.mentions.map((mention) => ({ ...mention, entityId: this.now(mention.entityId) }));
    return { ...post, mentions, evidence: [...evidence.values()] };
  }

  /** What a name stands for. */
  now(name: string): string {
    return this.#all(name).at(-1) ?? name;
  }

  #evidence(row: EvidenceRow): EvidenceRow | undefined {
    const pairs = this.#all(row.headId).flatMap((head) => this.#all(row.tailId).map((tail) => [head, tail] as const));
    const isWrong = pairs.some(
      ([head, tail]) =>
        this.#wrong.has(factId(head, row.factType, tail)) ||
        (row.symmetric && this.#wrong.has(factId(tail, row.factType, head))),
    );
    const ends = [this.now(row.headId), this.now(row.tailId)];
    if (row.symmetric) ends.sort();
    const [headId = '', tailId = ''] = ends;
    if (isWrong || headId === tailId) return undefined;
    const id = evidenceId(row.postId, headId, row.factType, tailId);
    return { ...row, id, factId: factId(headId, row.factType, tailId), headId, tailId };
  }

  #merge(from: string, into: string): void {
    const goal = this.now(into);
    if (goal === from) return;
    const parts = [...this.#been.keys()].filter((name) => this.now(name) === from);
    for (const name of new Set([from, ...parts])) this.#been.set(name, [...this.#all(name), goal]);
  }

  #all(name: string): readonly string[] {
    return this.#been.get(name) ?? [name];
  }
}
