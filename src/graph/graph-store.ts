import type { Extraction } from '../domain/extraction.ts';
import type { GraphEvent } from '../domain/graph.ts';

/** What one extraction did to the graph. */
export type UpsertOutcome =
  | 'created'
  | 'replaced'
  | 'unchanged'
  | 'deleted'
  | 'stale_version'
  | 'lower_generation'
  | 'tombstoned';

/** Publishes events in the order given. Resolves once every one of them is acknowledged. */
export type PublishEvents = (events: readonly GraphEvent[]) => Promise<void>;

/**
 * The write side of the graph.
 *
 * Guarantees: each call of `replacePosts` is one transaction, so all of its effects or none are in the graph; the
 * post's row is locked before its version is read, so two processes cannot apply versions out of order; replaying an
 * extraction changes nothing; nothing depends on the order in which posts of different ids arrive. An error with
 * `retryable` left no effect and may be tried again; any other error means the batch holds something the store refuses.
 */
export interface GraphStore extends AsyncDisposable {
  /** Applies extractions, tombstones included, in their order. Returns one outcome each, in the same order. */
  replacePosts(extractions: readonly Extraction[]): Promise<readonly UpsertOutcome[]>;

  /**
   * Moves up to `limit` events out of the outbox: gives each its position, publishes those not yet published, in order,
   * and marks them. At least once: a crash between publishing and marking publishes again, with equal key and position.
   * Does nothing and returns 0 while another holder has the lease.
   */
  relayEvents(options: RelayOptions): Promise<number>;
}

/** How one pass of the relay works. */
export interface RelayOptions {
  /** Names this process; only one holder relays at a time. */
  readonly holder: string;
  /** Time after which a silent holder loses the lease. */
  readonly leaseMs: number;
  readonly limit: number;
  readonly publish: PublishEvents;
}
