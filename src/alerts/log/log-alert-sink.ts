import type { AlertMessage, AlertSink, DeliveryAttempt } from '../alert-sink.ts';

/** Writes alerts to the log of the process. */
export class LogAlertSink implements AlertSink {
  readonly #write: (message: AlertMessage) => void;

  constructor(write: (message: AlertMessage) => void) {
    this.#write = write;
  }

  deliver(message: AlertMessage): Promise<DeliveryAttempt> {
    this.#write(message);
    return Promise.resolve({ delivered: true, outcome: 'ok', milliseconds: 0 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
