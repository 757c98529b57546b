import type { GraphEvent } from '../domain/graph.ts';

/**
 * What has been decided and delivered of alerts; it stands beside the graph. It keeps no names: what a delivery tells is
 * read from the event when it is sent, so that erasing an author reaches it.
 */
export interface AlertStore {
  /** Position of the last event that was decided on; undefined before the first. */
  position(): Promise<number | undefined>;
  /**
   * Moves the position and adds the deliveries in one transaction. False, and nothing is changed, where another process
   * has moved the position meanwhile. A delivery whose id is there already is not added again.
   */
  decide(decision: AlertDecision): Promise<boolean>;
  /** Takes deliveries that are due, for a time in which no other process gets them; oldest first. */
  takeDeliveries(request: TakeDeliveries): Promise<readonly DueDelivery[]>;
  /** Notes an attempt, unless another process has taken the delivery since. */
  noteAttempt(note: AttemptNote): Promise<void>;
}

/** What was decided on the events after one position and up to another. */
export interface AlertDecision {
  readonly from: number | undefined;
  readonly to: number;
  readonly deliveries: readonly NewDelivery[];
}

/** One alert on its way to one channel. */
export interface NewDelivery {
  /** Stable: the same rule, event and channel give the same. */
  readonly id: string;
  readonly rule: string;
  readonly channel: string;
  /** Position of the event. */
  readonly position: number;
  /** When it is sent first, epoch milliseconds. */
  readonly dueMs: number;
}

/** Who takes deliveries, how many and for how long. */
export interface TakeDeliveries {
  readonly holder: string;
  readonly leaseMs: number;
  readonly limit: number;
  readonly nowMs: number;
}

/** A delivery that is due. */
export interface DueDelivery extends Omit<NewDelivery, 'dueMs'> {
  /** Attempts made before. */
  readonly attempts: number;
  /** Undefined when it has been dropped from the log. */
  readonly event: GraphEvent | undefined;
}

/** What became of one attempt. */
export interface AttemptNote {
  readonly id: string;
  readonly holder: string;
  /** `pending` is tried again at `dueMs`. */
  readonly state: 'pending' | 'delivered' | 'failed';
  readonly dueMs: number;
  readonly outcome: string;
}
