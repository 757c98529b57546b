import type { Decision } from '../../domain/decision.ts';
import type { EntityEventKind } from '../../domain/graph.ts';
import { eventKey } from '../../domain/ids.ts';
import { ENTITIES_PER_POST } from '../co-mentions.ts';
import { causeOf } from './cause.ts';
import { causesOf, type ResolutionDiff } from './rehome.ts';
import { type Resolution, rootOf } from './resolution.ts';
import type {
  AppliedEntities,
  EntityEventDraft,
  EventDraft,
  FactEventDraft,
  Names,
  OldMention,
  OutboxEvent,
} from './rows.ts';
import type { AcceptedPost } from './runs.ts';

/** What one accepted post does to one entity. */
interface EntityStep {
  readonly post: AcceptedPost;
  readonly entityId: string;
  /** Mentions of it in this post until now, and how many more they are, or less. */
  readonly old: number;
  readonly delta: number;
}

/**
 * Entities that one post of a run leaves before another comes to them. Whether they were gone in between, as they would have
 * been had the posts come one by one, depends on how many mentions they have; of all others it does not.
 */
export function waveringEntities(accepted: readonly AcceptedPost[], old: readonly OldMention[]): readonly string[] {
  if (old.length === 0) return [];
  const left = new Set<string>();
  const wavering = new Set<string>();
  for (const { entityId, delta } of entitySteps(accepted, old)) {
    if (delta < 0) left.add(entityId);
    else if (delta > 0 && left.has(entityId)) wavering.add(entityId);
  }
  return [...wavering].sort();
}

/**
 * The events of a run in the order of its posts: of each post first the entities that it brings, then those watched ones that
 * it comes to mention, their pairs, then its facts.
 */
export function withEntities(
  events: readonly FactEventDraft[],
  run: { readonly accepted: readonly AcceptedPost[]; readonly old: readonly OldMention[] },
  applied: AppliedEntities,
  atMs: number,
): readonly EventDraft[] {
  const created = createdEntities(run.accepted, run.old, applied, atMs);
  const { alone, inPairs } = applied.watched;
  const mentioned = alone.size === 0 ? [] : mentionedEntities(run.accepted, run.old, alone, atMs);
  const pairs = inPairs.size === 0 ? [] : mentionedPairs(run.accepted, run.old, inPairs, atMs);
  if (created.length + mentioned.length + pairs.length === 0) return events;
  const places = new Map(run.accepted.map((post, place) => [post.incoming.row.id, place]));
  const placeOf = ({ postId }: EventDraft) => places.get(postId) ?? 0;
  return [...created, ...mentioned, ...pairs, ...events].sort((a, b) => placeOf(a) - placeOf(b));
}

/** An entity that a decision makes part of another one, or takes out of it again. */
export interface DecidedEntity {
  readonly kind: 'entity.merged' | 'entity.split';
  readonly entityId: string;
  readonly otherId: string;
}

/** What a decision does to entities; those that only go along with the one they are part of are not among them. */
export function decidedEntities({ redirects }: ResolutionDiff, before: Resolution): readonly DecidedEntity[] {
  const merged = redirects.put
    .filter(({ surface }) => !before.redirects.has(surface.id))
    .map(({ surface, root }) => ({ kind: 'entity.merged' as const, entityId: surface.id, otherId: root.id }));
  const split = redirects.gone.map((id) => ({
    kind: 'entity.split' as const,
    entityId: id,
    otherId: rootOf(before, id),
  }));
  return [...split.sort(byEntity), ...merged.sort(byEntity)];
}

/** Ids of the entities that decisions are about. */
export function idsOf(decided: readonly DecidedEntity[]): readonly string[] {
  return [...new Set(decided.flatMap(({ entityId, otherId }) => [entityId, otherId]))].sort();
}

/**
 * What there is to tell of decisions about entities, each with the first one taken about it. An entity that no post mentions,
 * before it is merged or after it is split off, is nobody's news. Two that are merged are named as they were, two that are
 * split as they are: with their names in common they would look the same.
 */
export function decisionEvents(
  decided: readonly DecidedEntity[],
  { taken, past }: { readonly taken: readonly Decision[]; readonly past: readonly Decision[] },
  names: { readonly before: Names; readonly after: Names },
): readonly OutboxEvent[] {
  const causes = causesOf(taken, past);
  return decided.flatMap(({ kind, entityId, otherId }) => {
    const isMerge = kind === 'entity.merged';
    const [own, others] = isMerge ? [names.before, names.after] : [names.after, names.before];
    if (!own.has(entityId)) return [];
    const named = (one: string) => ({ id: one, name: '', type: '', ...(own.get(one) ?? others.get(one)) });
    const { id, atMs } = causes.get(entityId) ?? causes.get(otherId) ?? (taken[0] as Decision);
    const key = eventKey(kind, entityId, otherId, id);
    const cause = { postId: '', postVersion: '', decisionId: id, atMs };
    return [{ key, kind, entity: named(entityId), other: named(otherId), ...cause }];
  });
}

function createdEntities(
  accepted: readonly AcceptedPost[],
  old: readonly OldMention[],
  { made, counts }: AppliedEntities,
  atMs: number,
): readonly EntityEventDraft[] {
  if (made.size === 0 && counts.size === 0) return [];
  const running = new Map([...[...made].map((id) => [id, 0] as const), ...counts]);
  const events: EntityEventDraft[] = [];
  for (const { post, entityId, delta } of entitySteps(accepted, old)) {
    const count = running.get(entityId);
    if (count === undefined) continue;
    running.set(entityId, count + delta);
    if (count === 0 && delta > 0) events.push(draft('entity.created', post, entityId, atMs));
  }
  return events;
}

function mentionedEntities(
  accepted: readonly AcceptedPost[],
  old: readonly OldMention[],
  watched: ReadonlyMap<string, number>,
  atMs: number,
): readonly EntityEventDraft[] {
  return [...entitySteps(accepted, old)].flatMap(({ post, entityId, old }) => {
    const watchedMs = watched.get(entityId);
    if (watchedMs === undefined || old > 0) return [];
    return [{ ...draft('entity.mentioned', post, entityId, atMs), watchedMs }];
  });
}

/** Pairs that each post comes to mention, of the first entities in the order of its text. */
function mentionedPairs(
  accepted: readonly AcceptedPost[],
  old: readonly OldMention[],
  watched: ReadonlyMap<string, number>,
  atMs: number,
): readonly EntityEventDraft[] {
  const before = byPost(old);
  return accepted.flatMap((post) => {
    const had = new Set(before.get(post.incoming.row.id)?.map(({ entityId }) => entityId));
    return pairsOf(firstEntities(post)).flatMap(([one, other]) => {
      const times = [one, other].flatMap((id) => watched.get(id) ?? []);
      if (times.length === 0 || (had.has(one) && had.has(other))) return [];
      const { postId, cause } = causeOf(post);
      const key = eventKey('pair.mentioned', `${one} ${other}`, postId, cause);
      const own = { key, otherId: other, watchedMs: Math.min(...times) };
      return [{ ...draft('pair.mentioned', post, one, atMs), ...own }];
    });
  });
}

function firstEntities({ incoming: { mentions } }: AcceptedPost): readonly string[] {
  const inText = [...mentions].sort((a, b) => a.start - b.start || a.end - b.end);
  return [...new Set(inText.map(({ entityId }) => entityId))].slice(0, ENTITIES_PER_POST);
}

/** All pairs, the smaller id first. */
function pairsOf(ids: readonly string[]): readonly (readonly [string, string])[] {
  const sorted = [...ids].sort();
  return sorted.flatMap((one, place) => sorted.slice(place + 1).map((other) => [one, other] as const));
}

function draft(kind: EntityEventKind, post: AcceptedPost, entityId: string, atMs: number): EntityEventDraft {
  const { postId, postVersion, cause } = causeOf(post);
  const seenMs = post.incoming.row.eventMs ?? 0;
  return { key: eventKey(kind, entityId, postId, cause), kind, entityId, seenMs, postId, postVersion, atMs };
}

/** What each post in its turn does to each of its entities, in the order of their ids. */
function* entitySteps(accepted: readonly AcceptedPost[], old: readonly OldMention[]): Generator<EntityStep> {
  const ofPost = byPost(old);
  for (const post of accepted) {
    const olds = countsOf(ofPost.get(post.incoming.row.id) ?? []);
    const news = countsOf(post.incoming.mentions);
    for (const entityId of [...new Set([...olds.keys(), ...news.keys()])].sort()) {
      const old = olds.get(entityId) ?? 0;
      yield { post, entityId, old, delta: (news.get(entityId) ?? 0) - old };
    }
  }
}

function byPost(old: readonly OldMention[]): ReadonlyMap<string, readonly OldMention[]> {
  const ofPost = new Map<string, OldMention[]>();
  for (const mention of old) {
    const known = ofPost.get(mention.postId);
    if (known) known.push(mention);
    else ofPost.set(mention.postId, [mention]);
  }
  return ofPost;
}

function countsOf(mentions: readonly { readonly entityId: string }[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { entityId } of mentions) counts.set(entityId, (counts.get(entityId) ?? 0) + 1);
  return counts;
}

function byEntity(a: { readonly entityId: string }, b: { readonly entityId: string }): number {
  return a.entityId < b.entityId ? -1 : 1;
}
