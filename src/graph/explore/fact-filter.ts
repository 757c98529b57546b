import {
  type CompiledFilter,
  compileFilter,
  type FilterGroup,
  type Watchlists,
  watchlistsOf,
} from '../../domain/filter.ts';
import type { Entity, Fact } from '../../domain/graph.ts';
import type { GraphReader } from '../graph-reader.ts';

/** Entities read at a time. */
const ENTITIES_PER_READ = 500;

/** A query whose filter is ready. */
export type Sifted<Q extends { readonly filter?: FilterGroup | undefined }> = Omit<Q, 'filter'> & {
  readonly filter?: FactFilter | undefined;
};

/** The query with its filter made ready. */
export function sifted<Q extends { readonly filter?: FilterGroup | undefined }>(
  reader: Pick<GraphReader, 'entitiesById'>,
  { filter, ...query }: Q,
): Sifted<Q> {
  return { ...query, filter: filter && new FactFilter(reader, filter) };
}

/** A filter over facts of the graph. It reads the names and types of their ends where it asks for them. */
export class FactFilter {
  readonly group: FilterGroup;
  readonly #reader: Pick<GraphReader, 'entitiesById'>;
  readonly #filter: CompiledFilter;
  readonly #asksForEnds: boolean;
  readonly #entities = new Map<string, Entity | undefined>();

  constructor(reader: Pick<GraphReader, 'entitiesById'>, group: FilterGroup, watchlists?: Watchlists) {
    this.#reader = reader;
    this.group = group;
    this.#filter = compileFilter(group, watchlists);
    this.#asksForEnds = asksForEnds(group);
  }

  /** False where it asks who is on a watchlist, which only this thread knows. */
  get isPlain(): boolean {
    return watchlistsOf(this.group).length === 0;
  }

  /** Those of the facts that it holds for, in their order. An end that is gone has neither name nor type. */
  async sift(facts: readonly Fact[]): Promise<readonly Fact[]> {
    if (this.#asksForEnds) await this.#readEnds(facts);
    return facts.filter((fact) => {
      const head = this.#entities.get(fact.headId);
      const tail = this.#entities.get(fact.tailId);
      return this.#filter.holds({
        fact,
        headName: head?.name ?? '',
        headType: head?.type ?? '',
        tailName: tail?.name ?? '',
        tailType: tail?.type ?? '',
      });
    });
  }

  async #readEnds(facts: readonly Fact[]): Promise<void> {
    const ends = new Set(facts.flatMap(({ headId, tailId }) => [headId, tailId]));
    const missing = [...ends].filter((id) => !this.#entities.has(id));
    for (let at = 0; at < missing.length; at += ENTITIES_PER_READ) {
      const ids = missing.slice(at, at + ENTITIES_PER_READ);
      const found = await this.#reader.entitiesById(ids);
      for (const [index, id] of ids.entries()) this.#entities.set(id, found[index]);
    }
  }
}

function asksForEnds({ filters, filterGroups }: FilterGroup): boolean {
  return (
    filters.some(({ key }) => /\.(name|type|watchlist)$/.test(key) && key !== 'relation.type') ||
    filterGroups.some(asksForEnds)
  );
}
