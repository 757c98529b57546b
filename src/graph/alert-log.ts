/** The log of deliveries. */
export interface AlertLog {
  /** Deliveries, newest first. */
  deliveries(filter: DeliveryFilter): Promise<readonly LoggedDelivery[]>;
  /** Sends a delivery that has ended again, from the first attempt on and with the same id; false where there is none. */
  replayDelivery(id: string, nowMs: number): Promise<boolean>;
  /** Forgets up to `limit` alerts that fired before a time and whose deliveries have ended; gives how many. */
  pruneAlerts(request: PruneAlerts): Promise<number>;
}

/** Which deliveries are meant; what is absent does not restrict. */
export interface DeliveryFilter {
  readonly state?: LoggedDelivery['state'];
  readonly channel?: string;
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
