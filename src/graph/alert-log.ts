import type { Alert } from './alert-store.ts';

/** The log of alerts and of their deliveries. */
export interface AlertLog {
  /** Up to `limit` alerts after a place in the log, in its order. */
  alertsAfter(place: number, limit: number): Promise<readonly LoggedAlert[]>;
  /** Place of the newest alert; 0 before the first. */
  lastAlertPlace(): Promise<number>;
  /** Alerts, newest first. */
  alerts(filter: AlertFilter): Promise<readonly LoggedAlert[]>;
  /** Deliveries, newest first. */
  deliveries(filter: DeliveryFilter): Promise<readonly LoggedDelivery[]>;
  /** Sends a delivery that has ended again, from the first attempt on and with the same id; false where there is none. */
  replayDelivery(id: string, nowMs: number): Promise<boolean>;
  /** Forgets up to `limit` alerts that fired before a time and whose deliveries have ended; gives how many. */
  pruneAlerts(request: PruneAlerts): Promise<number>;
}

/** Which alerts are meant; what is absent does not restrict. */
export interface AlertFilter {
  /** Name of the rule. */
  readonly rule?: string;
  /** Only those before this place. */
  readonly before?: number;
  readonly limit: number;
}

/** An alert as the log has it. */
export interface LoggedAlert extends Alert {
  /** Grows with every alert, in the order in which they were decided. */
  readonly place: number;
}

/** Which deliveries are meant; what is absent does not restrict. */
export interface DeliveryFilter {
  readonly state?: LoggedDelivery['state'];
  readonly channel?: string;
  /** Those of these alerts. */
  readonly alertIds?: readonly string[];
  /** The one with this id. */
  readonly id?: string;
  /** Only those that come after this one. */
  readonly after?: Pick<LoggedDelivery, 'createdMs' | 'id'>;
  readonly limit: number;
}

/** Which alerts are forgotten. */
export interface PruneAlerts {
  readonly beforeMs: number;
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
  /** How the answer began. */
  readonly answer: string | null;
}
