/** A message for a channel. */
export interface AlertMessage {
  /** The same on every attempt. Without a dot. */
  readonly id: string;
  readonly type: 'alert.fired' | 'alert.resolved' | 'alert.test';
  /** When what it tells happened, epoch milliseconds. */
  readonly atMs: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What became of one attempt. */
export interface DeliveryAttempt {
  readonly delivered: boolean;
  /** `ok`, `http_500`, `redirect`, `timeout`, `blocked_address`, `network` and other reasons. */
  readonly outcome: string;
  readonly milliseconds: number;
  /** How long the receiver asks to be left alone. */
  readonly retryAfterMs?: number;
  /** How the answer began. */
  readonly answer?: string;
}

/** Where alerts are delivered. A failed attempt is an outcome, not an error. */
export interface AlertSink extends AsyncDisposable {
  deliver(message: AlertMessage): Promise<DeliveryAttempt>;
}
