import type { Alert } from './alert-store.ts';

/** The log of alerts and their deliveries. */
export interface AlertLog {
  /** Alerts after a place in the log, in its order. */
  alertsAfter(place: number, limit: number): Promise<readonly LoggedAlert[]>;
  /** Alerts before a place, newest first; without one from the newest. */
  alertsBefore(place: number | undefined, limit: number): Promise<readonly LoggedAlert[]>;
  /** Place of the newest alert, 0 when there is none. */
  lastAlert(): Promise<number>;
  /** Deliveries, newest first. */
  deliveries(filter: DeliveryFilter): Promise<readonly LoggedDelivery[]>;
  /** Sends a delivery again, from the first attempt on, if it is not waiting already; gives whether there is one. */
  replayDelivery(id: string, nowMs: number): Promise<boolean>;
  /** Forgets alerts that fired before a time and whose deliveries have ended; gives how many. At most `limit` at a time. */
  pruneAlerts(beforeMs: number, limit: number): Promise<number>;
}

/** An alert with its place in the log: places grow, and never get an earlier alert later. */
export interface LoggedAlert extends Alert {
  readonly place: number;
}

/** Which deliveries are meant; what is absent does not restrict. */
export interface DeliveryFilter {
  readonly state?: LoggedDelivery['state'];
  readonly channel?: string;
  readonly rule?: string;
  readonly alertId?: string;
  readonly id?: string;
  readonly limit: number;
}

/** A delivery as the log has it. */
export interface LoggedDelivery {
  readonly id: string;
  readonly alertId: string;
  readonly rule: string;
  readonly channel: string;
  readonly state: 'pending' | 'delivered' | 'failed';
  readonly attempts: number;
  /** When it is tried next or was to be, epoch milliseconds. */
  readonly dueMs: number;
  readonly createdMs: number;
  /** Of the last attempt; null before the first. */
  readonly attemptedMs: number | null;
  readonly milliseconds: number | null;
  readonly outcome: string | null;
  readonly answer: string | null;
}
