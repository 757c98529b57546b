import { GrapevineError } from '../../errors.ts';
import type { AlertMessage, AlertSink, DeliveryAttempt } from '../alert-sink.ts';
import { plainJson } from '../http/write-json.ts';

/** A topic that can be written to. */
export interface TopicLog extends AsyncDisposable {
  /** Resolves when the record is safe; while the brokers are away it may be tried for ever. */
  write(record: { readonly key: string; readonly value: Uint8Array }): Promise<void>;
}

/** How alerts get into a topic. */
export interface TopicAlertSinkOptions {
  /** Connects to the brokers. */
  readonly open: () => Promise<TopicLog>;
  /** Longest wait for an acknowledgement. */
  readonly timeoutMs: number;
}

/** Writes alerts to a Kafka topic: `{id, type, timestamp, data}`, keyed by rule so that the alerts of one keep their order. */
export class TopicAlertSink implements AlertSink {
  readonly #options: TopicAlertSinkOptions;
  readonly #write = plainJson(undefined);
  #log: Promise<TopicLog> | undefined;

  constructor(options: TopicAlertSinkOptions) {
    this.#options = options;
  }

  async deliver(message: AlertMessage): Promise<DeliveryAttempt> {
    const startMs = performance.now();
    this.#log ??= this.#options.open();
    const log = this.#log;
    const outcome = await Promise.race([this.#send(log, message), this.#late()]);
    // What was not acknowledged waits in the producer: it must not be sent beside the next attempt.
    if (outcome !== 'ok') this.#drop(log);
    return { delivered: outcome === 'ok', outcome, milliseconds: Math.round(performance.now() - startMs) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const log = await this.#log?.catch(() => undefined);
    await log?.[Symbol.asyncDispose]();
  }

  async #send(opening: Promise<TopicLog>, message: AlertMessage): Promise<string> {
    const key = typeof message.data.rule === 'string' ? message.data.rule : message.id;
    try {
      const log = await opening;
      await log.write({ key, value: Buffer.from(this.#write(message, message.atMs).body) });
      return 'ok';
    } catch (error) {
      return error instanceof GrapevineError ? error.code.toLowerCase() : 'network';
    }
  }

  #late(): Promise<string> {
    return new Promise((resolve) => setTimeout(resolve, this.#options.timeoutMs, 'timeout').unref());
  }

  #drop(log: Promise<TopicLog>): void {
    if (this.#log === log) this.#log = undefined;
    log.then((opened) => opened[Symbol.asyncDispose]()).catch(() => {});
  }
}
