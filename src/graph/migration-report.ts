import { GrapevineError } from '../errors.ts';

/** What a migration of a graph did. */
export interface MigrationReport {
  /** Schema version before, 0 for a database that had none. */
  readonly from: number;
  readonly to: number;
  /** What each step did, in their order; none where the graph was up to date. */
  readonly steps: readonly string[];
}

/** Schema versions at hand, and the graph they are about. */
export interface SchemaVersions {
  readonly found: number;
  readonly known: number;
  /** File, or address of the database. */
  readonly place: string;
}

/** @throws {GRAPH_NEWER} when a later Grapevine has written the graph. */
export function refuseNewer({ found, known, place }: SchemaVersions): void {
  if (found <= known) return;
  const versions = `it has schema ${found}, this Grapevine knows ${known}`;
  throw new GrapevineError('GRAPH_NEWER', `opening the graph at ${place}: ${versions}; use the newer Grapevine`);
}

/** @throws {GRAPH_OLDER} when the graph has to be migrated before it can be used. */
export function refuseOlder({ found, known, place }: SchemaVersions): void {
  if (found >= known) return;
  const versions = `it has schema ${found}, this Grapevine needs ${known}`;
  const next = 'stop what uses it, back it up and run `grapevine graph migrate`';
  throw new GrapevineError('GRAPH_OLDER', `opening the graph at ${place}: ${versions}; ${next}`);
}
