import type { Entity, Fact, Link } from '../data/rows.ts';

/** What one change did to the model. */
export interface GraphChange {
  readonly addedEntities: readonly string[];
  /** Entities that were there and have another name. */
  readonly renamedEntities: readonly string[];
  readonly addedFacts: readonly string[];
  /** Facts that were there and have new numbers. */
  readonly changedFacts: readonly string[];
  readonly removedEntities: readonly string[];
  readonly removedFacts: readonly string[];
  /** The added facts are news: they happened while somebody looked. */
  readonly isNews: boolean;
}

/** The part of the graph that is on the page: links in the order they came, and the entities at their ends. */
export class GraphModel {
  readonly entities = new Map<string, Entity>();
  readonly facts = new Map<string, Fact>();
  readonly #links = new Map<string, Set<string>>();
  readonly #listeners = new Set<(change: GraphChange) => void>();

  /** Calls the listener after each change; gives a function that ends this. */
  listen(listener: (change: GraphChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Facts on the page that touch an entity. */
  factsOf(entityId: string): ReadonlySet<string> {
    return this.#links.get(entityId) ?? new Set();
  }

  /** Puts links in, or brings their numbers up to date, and takes facts out: one change. */
  apply(change: { put?: readonly Link[]; drop?: Iterable<string>; isNews?: boolean }): GraphChange {
    const addedEntities: string[] = [];
    const renamedEntities: string[] = [];
    const addedFacts: string[] = [];
    const changedFacts: string[] = [];
    const removedEntities: string[] = [];
    const removedFacts: string[] = [];
    for (const { fact, head, tail } of change.put ?? []) {
      for (const end of [head, tail]) {
        const known = this.entities.get(end.id);
        if (!known) addedEntities.push(end.id);
        else if (known.name !== end.name) renamedEntities.push(end.id);
        this.entities.set(end.id, end);
        if (!this.#links.has(end.id)) this.#links.set(end.id, new Set());
        this.#links.get(end.id)?.add(fact.id);
      }
      (this.facts.has(fact.id) ? changedFacts : addedFacts).push(fact.id);
      this.facts.set(fact.id, fact);
    }
    for (const id of change.drop ?? []) {
      const fact = this.facts.get(id);
      if (!fact) continue;
      this.facts.delete(id);
      removedFacts.push(id);
      for (const end of [fact.headId, fact.tailId]) {
        const links = this.#links.get(end);
        links?.delete(id);
        if (links?.size !== 0) continue;
        this.#links.delete(end);
        this.entities.delete(end);
        removedEntities.push(end);
      }
    }
    // What came and went within one change was never seen.
    const done: GraphChange = {
      addedEntities: addedEntities.filter((id) => this.entities.has(id)),
      renamedEntities: renamedEntities.filter((id) => this.entities.has(id)),
      addedFacts: addedFacts.filter((id) => this.facts.has(id)),
      changedFacts: changedFacts.filter((id) => this.facts.has(id)),
      removedEntities,
      removedFacts,
      isNews: change.isNews ?? false,
    };
    for (const listener of this.#listeners) listener(done);
    return done;
  }

  /** The facts to take out so that at most `limit` entities stay, those that came first first; `keep` are left alone. */
  surplus(limit: number, keep: ReadonlySet<string>): readonly string[] {
    const drop: string[] = [];
    if (this.entities.size <= limit) return drop;
    const degrees = new Map([...this.#links].map(([id, links]) => [id, links.size]));
    let left = this.entities.size;
    for (const fact of this.facts.values()) {
      if (left <= limit) break;
      if (keep.has(fact.headId) || keep.has(fact.tailId)) continue;
      drop.push(fact.id);
      for (const end of [fact.headId, fact.tailId]) {
        const degree = (degrees.get(end) ?? 1) - 1;
        degrees.set(end, degree);
        if (degree === 0) left--;
      }
    }
    return drop;
  }
}
