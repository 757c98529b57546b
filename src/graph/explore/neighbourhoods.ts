import type { Fact } from '../../domain/graph.ts';
import type { FactConditions, Link, LinkList } from '../fact-look.ts';
import type { GraphReader } from '../graph-reader.ts';
import type { FactFilter } from './fact-filter.ts';

/** Facts looked at for each end of an entity, the newest; fewer where there are many entities, as all come through a thread or a wire. */
const FACTS_PER_END = 200;
const FACTS_PER_END_OF_MANY = 50;

/** More entities than this are many. */
const FEW_ENTITIES = 10;

/** Facts that one question may bring here. It bounds the memory and the time that dense graphs cost. */
const MAX_FACTS = 20_000;

/** Entities asked for at a time: with every end full they bring 5,000 facts. */
const ENTITIES_PER_READ = 50;

/** The facts around entities, each read once, until there are too many of them. */
export class Neighbourhoods {
  readonly #reader: Pick<GraphReader, 'linksAround' | 'factsById'>;
  readonly #conditions: FactConditions;
  readonly #filter: FactFilter | undefined;
  readonly #lists = new Map<string, LinkList>();
  #left = MAX_FACTS;

  constructor(reader: Pick<GraphReader, 'linksAround' | 'factsById'>, conditions: FactConditions, filter?: FactFilter) {
    this.#reader = reader;
    this.#conditions = conditions;
    this.#filter = filter;
  }

  /** Reads what is around the entities, in their order. */
  async read(entityIds: readonly string[]): Promise<void> {
    const missing = entityIds.filter((id) => !this.#lists.has(id));
    const limit = missing.length > FEW_ENTITIES ? FACTS_PER_END_OF_MANY : FACTS_PER_END;
    const look = { ...this.#conditions, limit };
    for (let at = 0; at < missing.length && this.#left > 0; at += ENTITIES_PER_READ) {
      const ids = missing.slice(at, at + ENTITIES_PER_READ);
      const lists = await this.#reader.linksAround(ids, look);
      const all = lists.flatMap(({ links }) => links);
      const fitting = this.#filter && (await idsThatFit(this.#reader, all, this.#filter));
      for (const [index, id] of ids.entries()) {
        const list = lists[index] ?? { links: [], hasMore: true };
        this.#lists.set(id, fitting ? { ...list, links: list.links.filter((link) => fitting.has(link.id)) } : list);
        this.#left -= list.links.length;
      }
    }
  }

  /** Facts seen around an entity. */
  linksOf(entityId: string): readonly Link[] {
    return this.#lists.get(entityId)?.links ?? [];
  }

  /** True when an entity has facts that were not looked at. */
  isPartial(entityId: string): boolean {
    return this.#lists.get(entityId)?.hasMore ?? true;
  }
}

/** Facts read whole at a time. */
const FACTS_PER_READ = 500;

/** The facts themselves of what was looked at, where they are still there. */
export async function wholeFacts(
  reader: Pick<GraphReader, 'factsById'>,
  links: readonly Link[],
): Promise<readonly Fact[]> {
  const facts: Fact[] = [];
  for (let at = 0; at < links.length; at += FACTS_PER_READ) {
    const ids = links.slice(at, at + FACTS_PER_READ).map(({ id }) => id);
    for (const fact of await reader.factsById(ids)) if (fact) facts.push(fact);
  }
  return facts;
}

/** Of some facts those that a filter holds for. */
export async function idsThatFit(
  reader: Pick<GraphReader, 'factsById'>,
  links: readonly Link[],
  filter: FactFilter,
): Promise<ReadonlySet<string>> {
  const fitting = await filter.sift(await wholeFacts(reader, links));
  return new Set(fitting.map(({ id }) => id));
}

/** The entity at the other end. */
export function otherEnd(fact: Link, entityId: string): string {
  return fact.headId === entityId ? fact.tailId : fact.headId;
}

/** Facts with most evidence first, then those stated last, then by id. */
export function strongestFirst(a: Link, b: Link): number {
  return b.evidenceCount - a.evidenceCount || b.lastSeenMs - a.lastSeenMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
