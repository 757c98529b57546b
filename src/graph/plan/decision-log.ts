import type { Decision } from '../../domain/decision.ts';
import { factId } from '../../domain/ids.ts';
import { inForce, Merged, type Rejected, type Resolution, rootOf } from './resolution.ts';

/** All decisions, oldest first, with what they come to; both are kept up while decisions are added. */
export class DecisionLog {
  readonly #decisions: Decision[] = [];
  readonly #byId = new Map<string, Decision>();
  #standing = new Set<string>();
  #merged = new Merged();
  #rejected = new Map<string, Rejected>();
  #apart = new Map<string, Decision & { kind: 'distinct' }>();
  #identified = new Set<string>();

  constructor(decisions: readonly Decision[]) {
    for (const decision of decisions) this.#append(decision);
    this.#read();
  }

  /** Oldest first. */
  get decisions(): readonly Decision[] {
    return this.#decisions;
  }

  /** What the decisions come to now; it changes with the log. */
  get now(): Resolution {
    return { redirects: this.#merged.redirects, rejected: this.#rejected };
  }

  /** What the decisions come to now, for later. */
  snapshot(): Resolution {
    return { redirects: new Map(this.#merged.redirects), rejected: new Map(this.#rejected) };
  }

  add(decision: Decision): void {
    this.#append(decision);
    if (decision.kind === 'undo') this.#read();
    else this.#apply(decision);
  }

  find(id: string): Decision | undefined {
    return this.#byId.get(id);
  }

  isInForce(id: string): boolean {
    return this.#standing.has(id);
  }

  /** The decision in force that two entities are not one. */
  findApart(a: string, b: string): Decision | undefined {
    return this.#apart.get(pairOf(a, b));
  }

  /** The decision in force by which two entities, each with all that is part of it, are not one. */
  findApartAmongParts(a: string, b: string): Decision | undefined {
    const wanted = pairOf(rootOf(this.now, a), rootOf(this.now, b));
    return [...this.#apart.values()].find(
      (said) => pairOf(rootOf(this.now, said.a.id), rootOf(this.now, said.b.id)) === wanted,
    );
  }

  isIdentified(entityId: string, externalId: string): boolean {
    return this.#identified.has(pairOf(entityId, externalId));
  }

  #append(decision: Decision): void {
    this.#decisions.push(decision);
    this.#byId.set(decision.id, decision);
  }

  /** An undoing can bring back what others undid: everything is read again. */
  #read(): void {
    this.#standing = new Set();
    this.#merged = new Merged();
    this.#rejected = new Map();
    this.#apart = new Map();
    this.#identified = new Set();
    for (const decision of inForce(this.#decisions)) this.#apply(decision);
  }

  #apply(decision: Decision): void {
    this.#standing.add(decision.id);
    if (decision.kind === 'merge') this.#merged.merge(decision.from, decision.into);
    if (decision.kind === 'split') this.#merged.split(decision.entity.id);
    if (decision.kind === 'reject') {
      const { headId, type, tailId } = decision;
      this.#rejected.set(factId(headId, type, tailId), { headId, tailId });
    }
    if (decision.kind === 'distinct') this.#apart.set(pairOf(decision.a.id, decision.b.id), decision);
    if (decision.kind === 'identify') this.#identified.add(pairOf(decision.entity.id, decision.externalId));
  }
}

function pairOf(a: string, b: string): string {
  return JSON.stringify(a < b ? [a, b] : [b, a]);
}
