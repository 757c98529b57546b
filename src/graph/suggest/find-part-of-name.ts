import type { Entity } from '../../domain/graph.ts';
import type { GraphReader } from '../graph-reader.ts';
import type { Hint } from './hint.ts';

/** Longer names that are looked at, and newest facts of each entity that are compared. */
const MAX_LONGER = 20;
const MAX_FACTS = 100;

const SCORE = { base: 0.3, each: 0.15, most: 0.75 };

/** A name whose words are among those of another one of the same type, where both have facts with the same entities. */
export async function findPartOfName(reader: GraphReader, entity: Entity): Promise<readonly Hint[]> {
  const words = entity.normName.split(' ');
  const candidates = [...(await shorter(reader, entity, words)), ...(await longer(reader, entity, words))];
  if (candidates.length === 0) return [];
  const own = await neighbours(reader, entity.id);
  if (own.size === 0) return [];
  const hints = candidates.map(async (other): Promise<readonly Hint[]> => {
    const shared = [...(await neighbours(reader, other.id))].filter((id) => own.has(id)).length;
    if (shared === 0) return [];
    const fuller = other.normName.length > entity.normName.length ? other : entity;
    const score = Math.min(SCORE.most, SCORE.base + SCORE.each * shared);
    const detail = `part of the name ${fuller.name}; both have facts with ${shared} same ${shared === 1 ? 'entity' : 'entities'}`;
    return [{ other, fuller, reason: { kind: 'part_of_name', score: Math.round(score * 100) / 100, detail } }];
  });
  return (await Promise.all(hints)).flat();
}

async function shorter(reader: GraphReader, entity: Entity, words: readonly string[]): Promise<readonly Entity[]> {
  if (words.length < 2) return [];
  const parts = words.flatMap((_, start) =>
    words.slice(start).map((__, length) => words.slice(start, start + length + 1).join(' ')),
  );
  const found = await reader.entitiesNamed(
    parts.filter((part) => part !== entity.normName).slice(0, MAX_LONGER),
    entity.type,
  );
  return found.filter((other) => isPart(other.normName.split(' '), words));
}

async function longer(reader: GraphReader, entity: Entity, words: readonly string[]): Promise<readonly Entity[]> {
  const { items } = await reader.entities({ type: entity.type, search: entity.normName }, { first: MAX_LONGER });
  return items.map(({ node }) => node).filter((other) => isPart(words, other.normName.split(' ')));
}

/** True where one list of words is, whole and in its order, in a longer one. */
function isPart(words: readonly string[], of: readonly string[]): boolean {
  return words.length < of.length && ` ${of.join(' ')} `.includes(` ${words.join(' ')} `);
}

async function neighbours(reader: GraphReader, entityId: string): Promise<ReadonlySet<string>> {
  const { items } = await reader.facts({ entityId }, { first: MAX_FACTS });
  return new Set(items.map(({ node }) => (node.headId === entityId ? node.tailId : node.headId)));
}
