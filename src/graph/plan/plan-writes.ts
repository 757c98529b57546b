import type { NamedEntity } from '../../domain/graph.ts';
import { type FactsBefore, replayFacts } from './replay-facts.ts';
import type {
  EntityRow,
  EventDraft,
  MentionRow,
  Names,
  OldMention,
  OutboxEvent,
  SurfaceDelta,
  WriteSet,
} from './rows.ts';
import type { DecidedRun } from './runs.ts';

/** What of a decided run the rows depend on. */
type Accepted = Pick<DecidedRun, 'accepted' | 'replaced'>;

/** What is stored under the posts a run replaces, and about the facts it touches. */
export interface StateBefore extends FactsBefore {
  readonly mentions: readonly OldMention[];
}

/** The facts a run touches: those its posts supported and those they support now. */
export function touchedFacts(run: Accepted, oldFacts: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const wanted = run.accepted.flatMap((post) => post.incoming.evidence.map((row) => row.factId));
  return [...new Set([...[...oldFacts.values()].flat(), ...wanted])].sort();
}

/** All rows a run changes. */
export function planWrites(run: Accepted, before: StateBefore, nowMs: number): WriteSet {
  const posts = run.accepted.map((post) => post.incoming).sort((a, b) => compare(a.row.id, b.row.id));
  const mentions = posts.flatMap((post) => post.mentions);
  const entities = new Map<string, EntityRow>();
  for (const entity of posts.flatMap((post) => post.entities)) entities.set(entity.id, entity);
  const authors = run.accepted.flatMap((post) => [post.incoming.row.authorId, post.stored?.authorId ?? null]);
  return {
    clearedPosts: run.replaced,
    posts,
    authors: [...new Set(authors.filter((id) => id !== null))].sort(),
    entities: [...entities.values()].sort((a, b) => compare(a.id, b.id)),
    surfaces: surfaceDeltas(before.mentions, mentions),
    mentions,
    evidence: posts.flatMap((post) => post.evidence),
    ...replayFacts(run.accepted, before, nowMs),
  };
}

/** The entities whose names the events of a run need. */
export function namedEntities(events: readonly EventDraft[]): readonly string[] {
  const ids = events.flatMap((event) =>
    'fact' in event
      ? [event.fact.headId, event.fact.tailId]
      : [event.entityId, ...(event.otherId ? [event.otherId] : [])],
  );
  return [...new Set(ids)].sort();
}

/** The events with the names of their entities. */
export function nameEvents(events: readonly EventDraft[], names: Names): readonly OutboxEvent[] {
  return events.map((event) => {
    if (!('fact' in event)) {
      const { entityId, otherId, ...rest } = event;
      return { ...rest, entity: named(entityId, names), ...(otherId && { other: named(otherId, names) }) };
    }
    const [head, tail] = [names.get(event.fact.headId), names.get(event.fact.tailId)];
    return {
      ...event,
      headName: head?.name ?? '',
      headType: head?.type ?? '',
      tailName: tail?.name ?? '',
      tailType: tail?.type ?? '',
    };
  });
}

function named(id: string, names: Names): NamedEntity {
  const { name = '', type = '' } = names.get(id) ?? {};
  return { id, name, type };
}

function surfaceDeltas(
  gone: readonly Pick<MentionRow, 'entityId' | 'text'>[],
  come: readonly Pick<MentionRow, 'entityId' | 'text'>[],
): readonly SurfaceDelta[] {
  const counts = new Map<string, Map<string, number>>();
  const add = ({ entityId, text }: Pick<MentionRow, 'entityId' | 'text'>, delta: number) => {
    const surfaces = counts.get(entityId) ?? new Map<string, number>();
    surfaces.set(text, (surfaces.get(text) ?? 0) + delta);
    counts.set(entityId, surfaces);
  };
  for (const mention of gone) add(mention, -1);
  for (const mention of come) add(mention, 1);
  return [...counts]
    .flatMap(([entityId, surfaces]) => [...surfaces].map(([text, delta]) => ({ entityId, text, delta })))
    .filter((surface) => surface.delta !== 0)
    .sort((a, b) => compare(a.entityId, b.entityId) || compare(a.text, b.text));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
