import type { Path, PathQuery, Paths } from '../exploration.ts';
import type { Link } from '../fact-look.ts';
import type { GraphReader } from '../graph-reader.ts';
import type { Sifted } from './fact-filter.ts';
import { Neighbourhoods, otherEnd, strongestFirst, wholeFacts } from './neighbourhoods.ts';

/** Paths that are given. */
const MAX_PATHS = 5;

/** Paths that are compared to find these. */
const PATHS_COMPARED = 200;

/** Entities from which a search goes on at each step, those with the strongest facts. */
const MAX_FRONTIER = 500;

/**
 * The shortest paths between two entities, five at most. Of those that are as short the ones whose weakest fact has most
 * evidence come first, then those with most evidence in all. The search goes from both ends and, of busy entities, sees the newest facts only; the same graph
 * gives the same answer.
 */
export async function findPaths(
  reader: Pick<GraphReader, 'linksAround' | 'factsById'>,
  query: Sifted<PathQuery>,
): Promise<Paths> {
  const { fromId, toId, maxDepth, filter, ...conditions } = query;
  if (fromId === toId) return { paths: [{ entityIds: [fromId], facts: [] }], isPartial: false };
  const neighbourhoods = new Neighbourhoods(reader, conditions, filter);
  const search = { from: new Side(fromId), to: new Side(toId) };
  let isPartial = false;
  for (let steps = 0; steps < maxDepth; steps++) {
    const [near, far] =
      search.from.frontier.length <= search.to.frontier.length ? [search.from, search.to] : [search.to, search.from];
    await neighbourhoods.read(near.frontier);
    isPartial ||= near.frontier.some((id) => neighbourhoods.isPartial(id));
    isPartial = near.step(neighbourhoods) || isPartial;
    const paths = joined(
      search.from,
      search.to,
      near.reached.filter((id) => far.has(id)),
    );
    if (paths.length > 0) return { paths: await withFacts(reader, paths), isPartial };
    if (near.frontier.length === 0) break;
  }
  return { paths: [], isPartial };
}

/** A path of facts that are not yet read whole. */
interface Way extends Pick<Path, 'entityIds'> {
  readonly links: readonly Link[];
}

/** The paths with their facts, without those of which a fact has gone meanwhile. */
async function withFacts(reader: Pick<GraphReader, 'factsById'>, ways: readonly Way[]): Promise<readonly Path[]> {
  const facts = await wholeFacts(
    reader,
    ways.flatMap(({ links }) => links),
  );
  const byId = new Map(facts.map((fact) => [fact.id, fact]));
  return ways.flatMap(({ entityIds, links }) => {
    const found = links.flatMap(({ id }) => byId.get(id) ?? []);
    return found.length === links.length ? [{ entityIds, facts: found }] : [];
  });
}

/** What is reached from one end, with every shortest way back. */
class Side {
  /** What the last step reached first; `frontier` is the part of it from which the next goes on. */
  reached: readonly string[];
  frontier: readonly string[];
  /** For each entity the entities before it, with the strongest fact to each. */
  readonly #cameBy: Map<string, ReadonlyMap<string, Link>>;
  readonly #distances: Map<string, number>;
  #steps = 0;

  constructor(id: string) {
    this.reached = [id];
    this.frontier = [id];
    this.#cameBy = new Map([[id, new Map()]]);
    this.#distances = new Map([[id, 0]]);
  }

  has(id: string): boolean {
    return this.#cameBy.has(id);
  }

  distance(id: string): number {
    return this.#distances.get(id) ?? 0;
  }

  /** Goes a step further; true when it did not follow everything that it found. */
  step(neighbourhoods: Neighbourhoods): boolean {
    const links = this.frontier
      .flatMap((id) => neighbourhoods.linksOf(id).map((link) => ({ link, before: id, id: otherEnd(link, id) })))
      .filter(({ id }) => !this.has(id))
      .sort((a, b) => strongestFirst(a.link, b.link));
    const found = new Map<string, Map<string, Link>>();
    for (const { link, before, id } of links) {
      const ways = found.get(id) ?? new Map<string, Link>();
      found.set(id, ways);
      if (!ways.has(before)) ways.set(before, link);
    }
    this.#steps += 1;
    for (const [id, ways] of found) {
      this.#cameBy.set(id, ways);
      this.#distances.set(id, this.#steps);
    }
    this.reached = [...found.keys()];
    this.frontier = this.reached.slice(0, MAX_FRONTIER);
    return this.reached.length > this.frontier.length;
  }

  /** Ways from an entity back to the end, the strongest facts first. */
  *waysBack(id: string): Iterable<Way> {
    const before = this.#cameBy.get(id);
    if (!before || before.size === 0) {
      yield { entityIds: [id], links: [] };
      return;
    }
    for (const [next, link] of before) {
      for (const way of this.waysBack(next)) {
        yield { entityIds: [id, ...way.entityIds], links: [link, ...way.links] };
      }
    }
  }
}

/** The shortest paths through entities that both sides have reached. */
function joined(from: Side, to: Side, meetings: readonly string[]): readonly Way[] {
  const length = (id: string) => from.distance(id) + to.distance(id);
  const shortest = Math.min(...meetings.map(length));
  const paths: Way[] = [];
  for (const id of meetings.filter((meeting) => length(meeting) === shortest)) {
    for (const start of from.waysBack(id)) {
      for (const end of to.waysBack(id)) {
        if (paths.length >= PATHS_COMPARED) return best(paths);
        paths.push({
          entityIds: [...start.entityIds.toReversed(), ...end.entityIds.slice(1)],
          links: [...start.links.toReversed(), ...end.links],
        });
      }
    }
  }
  return best(paths);
}

function best(paths: readonly Way[]): readonly Way[] {
  const ranked = paths.map((path) => {
    const counts = path.links.map((link) => link.evidenceCount);
    const sum = counts.reduce((total, count) => total + count, 0);
    return { path, weakest: Math.min(...counts), sum, key: path.entityIds.join('|') };
  });
  ranked.sort((a, b) => b.weakest - a.weakest || b.sum - a.sum || (a.key < b.key ? -1 : 1));
  return ranked.slice(0, MAX_PATHS).map(({ path }) => path);
}
