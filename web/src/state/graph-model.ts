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

/** The part of the graph that is on the page: links, and the entities at their ends. */
export class GraphModel {
  readonly entities = new Map<string, Entity>();
  readonly facts = new Map<string, Fact>();
  readonly #links = new Map<string, Set<string>>();
  /** Facts that were read, newest first, and of which nothing was heard since. */
  readonly #read = new Set<string>();
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
      const isKnown = this.facts.has(fact.id);
      (isKnown ? changedFacts : addedFacts).push(fact.id);
      // What is news becomes the newest.
      if (change.isNews) {
        this.#read.delete(fact.id);
        this.facts.delete(fact.id);
      } else if (!isKnown) this.#read.add(fact.id);
      this.facts.set(fact.id, fact);
    }
    for (const id of change.drop ?? []) {
      const fact = this.facts.get(id);
      if (!fact) continue;
      this.facts.delete(id);
      this.#read.delete(id);
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

  /**
   * The facts to take out so that at most `limit` entities and `maxFacts` facts stay, the oldest first. Facts in
   * `keep`, and those of entities in it, are left alone.
   */
  surplus(limit: number, maxFacts: number, keep: ReadonlySet<string>): readonly string[] {
    const drop: string[] = [];
    if (this.entities.size <= limit && this.facts.size <= maxFacts) return drop;
    const degrees = new Map([...this.#links].map(([id, links]) => [id, links.size]));
    let left = this.entities.size;
    for (const fact of this.#oldestFirst()) {
      if (left <= limit && this.facts.size - drop.length <= maxFacts) break;
      if (keep.has(fact.id) || keep.has(fact.headId) || keep.has(fact.tailId)) continue;
      drop.push(fact.id);
      for (const end of [fact.headId, fact.tailId]) {
        const degree = (degrees.get(end) ?? 1) - 1;
        degrees.set(end, degree);
        if (degree === 0) left--;
      }
    }
    return drop;
  }

  *#oldestFirst(): Iterable<Fact> {
    for (const id of [...this.#read].toReversed()) {
      const fact = this.facts.get(id);
      if (fact) yield fact;
    }
    for (const fact of this.facts.values()) if (!this.#read.has(fact.id)) yield fact;
  }
}
