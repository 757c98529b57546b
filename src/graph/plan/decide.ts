import { compareVersions } from '../../domain/version.ts';
import type { UpsertOutcome } from '../graph-store.ts';
import type { PostState } from './rows.ts';

type Incoming = Pick<PostState, 'version' | 'generation' | 'contentHash' | 'deleted'>;

/**
 * What an incoming version of a post does to the stored one.
 *
 * The records of a post have one total order: version, then deletion over content, then generation, then content hash.
 * The greatest wins, so any order of arrival ends in the same state. A deletion without version is above all versions.
 */
export function decide(stored: Incoming | undefined, incoming: Incoming): UpsertOutcome {
  return incoming.deleted ? decideDeletion(stored, incoming) : decideContent(stored, incoming);
}

/** True when the outcome changes what is stored. */
export function isApplied(outcome: UpsertOutcome): boolean {
  return outcome === 'created' || outcome === 'replaced' || outcome === 'deleted';
}

function decideDeletion(stored: Incoming | undefined, incoming: Incoming): UpsertOutcome {
  if (!stored) return 'deleted';
  const order = compareReach(incoming.version, stored.version);
  if (order < 0) return 'stale_version';
  return stored.deleted && order === 0 ? 'unchanged' : 'deleted';
}

function decideContent(stored: Incoming | undefined, incoming: Incoming): UpsertOutcome {
  if (!stored) return 'created';
  const order = compareReach(incoming.version, stored.version);
  if (stored.deleted) return order > 0 ? 'created' : 'tombstoned';
  if (order !== 0) return order > 0 ? 'replaced' : 'stale_version';
  if (incoming.generation !== stored.generation) {
    return incoming.generation > stored.generation ? 'replaced' : 'lower_generation';
  }
  if (incoming.contentHash === stored.contentHash) return 'unchanged';
  return incoming.contentHash > stored.contentHash ? 'replaced' : 'conflicting_content';
}

/** Compares versions; null, which only a deletion has, is above every version. */
function compareReach(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return compareVersions(a, b);
}
