import type { Entity } from '../../domain/graph.ts';
import type { Subgraph, SubgraphQuery } from '../exploration.ts';
import type { FactConditions, Link } from '../fact-look.ts';
import type { GraphReader } from '../graph-reader.ts';
import type { Sifted } from './fact-filter.ts';
import { idsThatFit, Neighbourhoods, otherEnd, strongestFirst, wholeFacts } from './neighbourhoods.ts';

/** Facts from which the liveliest part of the graph is found when no entity is named: the newest. */
const RECENT_FACTS = 2_000;

/** Entities read at a time. */
const ENTITIES_PER_READ = 500;

/** Facts that are shown for each entity that may be. */
export const EDGES_PER_NODE = 2;

type Reader = Pick<GraphReader, 'entitiesById' | 'factsById' | 'linksAround' | 'recentLinks'>;

/** Entities that are kept, with their distances, and how many were not. */
interface Kept {
  readonly distances: ReadonlyMap<string, number>;
  readonly hidden: number;
}

/**
 * The part of the graph around some entities. The same graph gives the same answer; where it must leave something out it
 * keeps what has most evidence, and says how much it left out. Of busy entities only the newest facts are looked at.
 */
export async function exploreSubgraph(reader: Reader, query: Sifted<SubgraphQuery>): Promise<Subgraph> {
  const { around, depth: _depth, maxNodes, filter, ...conditions } = query;
  const neighbourhoods = new Neighbourhoods(reader, conditions, filter);
  const kept = await (around.length > 0 ? expand(reader, query, neighbourhoods) : liveliest(reader, query, conditions));
  const entities = await readEntities(reader, [...kept.distances.keys()]);
  const ids = [...entities.keys()];
  await neighbourhoods.read(ids);
  const between = new Map<string, Link>();
  const nodes = ids.map((id) => {
    const hidden = new Set<string>();
    for (const link of neighbourhoods.linksOf(id)) {
      const other = otherEnd(link, id);
      if (entities.has(other)) between.set(link.id, link);
      else hidden.add(other);
    }
    return {
      entity: entities.get(id) as Entity,
      distance: kept.distances.get(id) ?? 0,
      hiddenNeighbours: hidden.size,
      isPartial: neighbourhoods.isPartial(id),
    };
  });
  const links = [...between.values()].sort(strongestFirst);
  const edges = await wholeFacts(reader, links.slice(0, maxNodes * EDGES_PER_NODE));
  return { nodes, edges, hiddenNodes: kept.hidden, hiddenEdges: links.length - edges.length };
}

/** Goes outwards from the entities, a step at a time, until there are enough nodes. */
async function expand(reader: Reader, query: Sifted<SubgraphQuery>, neighbourhoods: Neighbourhoods): Promise<Kept> {
  const { depth, maxNodes } = query;
  const roots = [...(await readEntities(reader, query.around)).keys()];
  const distances = new Map(roots.slice(0, maxNodes).map((id) => [id, 0]));
  let hidden = roots.length - distances.size;
  let edge = [...distances.keys()];
  for (let distance = 1; distance <= depth && edge.length > 0 && hidden === 0; distance++) {
    await neighbourhoods.read(edge);
    const links = edge.flatMap((id) => neighbourhoods.linksOf(id).map((link) => ({ link, id: otherEnd(link, id) })));
    links.sort((a, b) => strongestFirst(a.link, b.link));
    const found = [...new Set(links.map(({ id }) => id))].filter((id) => !distances.has(id));
    edge = found.slice(0, maxNodes - distances.size);
    hidden = found.length - edge.length;
    for (const id of edge) distances.set(id, distance);
  }
  return { distances, hidden };
}

/** The entities with most of the newest facts; where several have as many, those whose facts are newer. */
async function liveliest(reader: Reader, query: Sifted<SubgraphQuery>, conditions: FactConditions): Promise<Kept> {
  const { maxNodes, filter } = query;
  const { links } = await reader.recentLinks({ ...conditions, limit: RECENT_FACTS });
  const fitting = filter && (await idsThatFit(reader, links, filter));
  const counts = new Map<string, number>();
  for (const { id: factId, headId, tailId } of links) {
    if (fitting && !fitting.has(factId)) continue;
    for (const id of [headId, tailId]) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  // Sorting is stable: the entities come in the order of their newest facts.
  const ranked = [...counts].sort(([, a], [, b]) => b - a).map(([id]) => id);
  const shown = ranked.slice(0, maxNodes);
  return { distances: new Map(shown.map((id) => [id, 0])), hidden: ranked.length - shown.length };
}

/** Entities by id, in the order of the ids; what was merged into another counts as that one. */
async function readEntities(
  reader: Pick<GraphReader, 'entitiesById'>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Entity>> {
  const entities = new Map<string, Entity>();
  for (let at = 0; at < ids.length; at += ENTITIES_PER_READ) {
    for (const entity of await reader.entitiesById(ids.slice(at, at + ENTITIES_PER_READ))) {
      if (entity) entities.set(entity.id, entity);
    }
  }
  return entities;
}
