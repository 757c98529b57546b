import { type EntityEvent, entitiesIn, type NamedEntity } from '../../domain/graph.ts';
import type { Mark } from './marks.ts';
import type { Names, OutboxEvent, ResolvedPost } from './rows.ts';

/** What the content of erased posts was about, as ids, each list sorted. */
export interface ErasedContent {
  readonly facts: readonly string[];
  readonly entities: readonly string[];
}

/** The mark of an erased author. It is never taken back, and always of one time, so that no trace tells when. */
export function erasureOf(authorId: string): Mark {
  return { subjectId: authorId, flag: 'erased', isSet: true, atMs: 0 };
}

/** What posts spoke of, in addition to what is known already. */
export function addErased(known: ErasedContent, posts: Iterable<ResolvedPost>): ErasedContent {
  const all = [...posts];
  const facts = all.flatMap((post) => post.evidence.map((row) => row.factId));
  const entities = all.flatMap((post) => post.entities.map((entity) => entity.id));
  return { facts: distinct([...known.facts, ...facts]), entities: distinct([...known.entities, ...entities]) };
}

/** An event with the names that its entities have now, none where they are gone; undefined when it has those already. */
export function renameEvent(event: OutboxEvent, names: Names): OutboxEvent | undefined {
  if (!('fact' in event)) return renameEntities(event, names);
  const headName = names.get(event.fact.headId)?.name ?? '';
  const tailName = names.get(event.fact.tailId)?.name ?? '';
  if (headName === event.headName && tailName === event.tailName) return undefined;
  return { ...event, headName, tailName };
}

/** Ids of the entities that events name. */
export function namedBy(events: readonly OutboxEvent[]): readonly string[] {
  return distinct(events.flatMap(entitiesIn));
}

function renameEntities(event: Omit<EntityEvent, 'position'>, names: Names): OutboxEvent | undefined {
  const { entity, other } = event;
  const renamed = (one: NamedEntity) => ({ ...one, name: names.get(one.id)?.name ?? '' });
  const isRight = (one: NamedEntity | undefined) => !one || one.name === renamed(one).name;
  if (isRight(entity) && isRight(other)) return undefined;
  return { ...event, entity: renamed(entity), ...(other && { other: renamed(other) }) };
}

function distinct(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)].sort();
}
