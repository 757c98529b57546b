import type { Entity } from '../../domain/graph.ts';
import type { GraphReader } from '../graph-reader.ts';
import { inForce } from '../plan/resolution.ts';

/** Ids of the entities that somebody keeps apart from this one or from a part of it. */
export async function findApart(reader: GraphReader, entity: Entity): Promise<ReadonlySet<string>> {
  const parts = await reader.partsOf(entity.id);
  const own = new Set([entity.id, ...parts.map(({ id }) => id)]);
  const others = inForce(await reader.decisionsAbout([...own])).flatMap((decision) => {
    if (decision.kind !== 'distinct') return [];
    return [decision.a.id, decision.b.id].filter((id) => !own.has(id));
  });
  const now = await reader.entitiesById(others);
  return new Set([...others, ...now.flatMap((other) => (other ? [other.id] : []))]);
}
