import type { Mark } from './marks.ts';
import type { OutboxEvent, ResolvedPost } from './rows.ts';

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
export function renameEvent(
  event: OutboxEvent,
  names: ReadonlyMap<string, { readonly name: string }>,
): OutboxEvent | undefined {
  const headName = names.get(event.fact.headId)?.name ?? '';
  const tailName = names.get(event.fact.tailId)?.name ?? '';
  if (headName === event.headName && tailName === event.tailName) return undefined;
  return { ...event, headName, tailName };
}

/** Ids of the entities at the ends of events. */
export function endsOf(events: readonly OutboxEvent[]): readonly string[] {
  return distinct(events.flatMap(({ fact }) => [fact.headId, fact.tailId]));
}

function distinct(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)].sort();
}
