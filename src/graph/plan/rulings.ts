import { randomUUID } from 'node:crypto';
import type { Decision, Ruling } from '../../domain/decision.ts';
import { factId } from '../../domain/ids.ts';
import { GrapevineError } from '../../errors.ts';
import type { DecideOptions } from '../graph-store.ts';
import { externalIdsOf, findDistinct } from './about.ts';
import { inForce, type Resolution, resolutionOf, rootOf } from './resolution.ts';

/** A ruling as the log takes it. */
export function decisionOf(
  ruling: Ruling,
  { id = `dec_${randomUUID()}`, reason }: DecideOptions,
  atMs: number,
): Decision {
  return { ...ruling, id, reason: reason ?? null, atMs };
}

/** @throws {USAGE} when a ruling says nothing new, or speaks of an entity that is part of another. */
export function requirePossible(ruling: Ruling, log: readonly Decision[]): void {
  const now = resolutionOf(log);
  if (ruling.kind === 'merge') requireMergeable(ruling, now, log);
  if (ruling.kind === 'split' && !now.redirects.has(ruling.entity.id)) {
    throw refused('splitting an entity', `${ruling.entity.id} is not part of another one`);
  }
  if (ruling.kind === 'reject' && now.rejected.has(factId(ruling.headId, ruling.type, ruling.tailId))) {
    throw refused('rejecting a fact', 'it has been rejected before');
  }
  if (ruling.kind === 'distinct') requireDistinct(ruling, now, log);
  if (ruling.kind === 'identify') {
    const { entity, externalId } = ruling;
    if (externalIdsOf(log, [entity.id]).includes(externalId))
      throw refused('identifying an entity', `it is ${externalId} already`);
  }
  if (ruling.kind === 'undo' && !inForce(log).some(({ id }) => id === ruling.decisionId)) {
    const isKnown = log.some(({ id }) => id === ruling.decisionId);
    throw refused('undoing a decision', `${ruling.decisionId} is ${isKnown ? 'undone already' : 'no decision'}`);
  }
}

function requireMergeable({ from, into }: Ruling & { kind: 'merge' }, now: Resolution, log: readonly Decision[]): void {
  if (from.id === into.id) throw refused('merging an entity', 'both are the same one');
  requireWhole('merging an entity', from.id, now);
  requireWhole('merging an entity', into.id, now);
  const apart = findDistinct(log, from.id, into.id);
  if (apart) throw refused('merging an entity', `${apart.id} says that the two are not one; undo that first`);
}

function requireDistinct({ a, b }: Ruling & { kind: 'distinct' }, now: Resolution, log: readonly Decision[]): void {
  if (rootOf(now, a.id) === rootOf(now, b.id))
    throw refused('keeping entities apart', 'the two are one; split them first');
  if (findDistinct(log, a.id, b.id)) throw refused('keeping entities apart', 'that has been said before');
}

function requireWhole(doing: string, id: string, { redirects }: Resolution): void {
  const root = redirects.get(id)?.root;
  if (root) throw refused(doing, `${id} is part of ${root.id} already; name that one, or split the first off it`);
}

function refused(doing: string, found: string): GrapevineError {
  return new GrapevineError('USAGE', `${doing}: ${found}`);
}
