import type { AlertLog } from '../graph/alert-log.ts';
import type { AlertStore, DueDelivery } from '../graph/alert-store.ts';
import type { Events } from '../telemetry/events.ts';
import type { AlertSink, DeliveryAttempt } from './alert-sink.ts';
import { type ContentReader, contentOf } from './content.ts';
import { pauseAfter } from './retry.ts';
import type { RuleBook, RuleSet } from './rule-book.ts';

/** What alerts are delivered with. */
export interface DelivererOptions {
  readonly store: Pick<AlertStore, 'head' | 'takeDeliveries' | 'noteAttempt'> & Pick<AlertLog, 'deliveries'>;
  readonly reader: ContentReader;
  readonly book: Pick<RuleBook, 'at' | 'disableChannel'>;
  readonly sinks: ReadonlyMap<string, AlertSink>;
  /** Names this process. */
  readonly holder: string;
  /** Longer than an attempt can take. */
  readonly leaseMs: number;
  readonly events: Events;
  /** @default Date.now */
  readonly clock?: () => number;
}

/** Attempts at once, and to one channel: one that does not answer must not hold up the others. */
const [AT_ONCE, PER_CHANNEL] = [8, 2];
/** How a receiver says that it wants no more. */
const GONE = 'http_410';

/** Delivers what is due. A delivery is taken for a time, so that several processes send it once. */
export class Deliverer {
  readonly #options: DelivererOptions;

  constructor(options: DelivererOptions) {
    this.#options = options;
  }

  /** Delivers until nothing is due, or the signal aborts; what has been begun is ended first. */
  async deliver(signal: AbortSignal): Promise<void> {
    const running = new Map<Promise<void>, string>();
    const errors: unknown[] = [];
    for (;;) {
      const busy = [...running.values()];
      const taken = signal.aborted || errors.length > 0 ? [] : await this.#take(busy, errors);
      for (const [delivery, set] of taken) {
        const attempt: Promise<void> = this.#attempt(delivery, set)
          .catch((error: unknown) => void errors.push(error))
          .finally(() => running.delete(attempt));
        running.set(attempt, delivery.channel);
      }
      if (taken.length > 0) continue;
      // Channels that were busy were not looked at, also where their attempts have ended since.
      if (busy.length === 0) break;
      if (running.size > 0) await Promise.race(running.keys());
    }
    if (errors.length > 0) throw errors[0];
  }

  async #take(channels: readonly string[], errors: unknown[]): Promise<readonly (readonly [DueDelivery, RuleSet])[]> {
    const { store, book, holder, leaseMs, clock = Date.now } = this.#options;
    const limit = Math.min(PER_CHANNEL, AT_ONCE - channels.length);
    if (limit === 0) return [];
    const except = [...new Set(channels)];
    try {
      const due = await store.takeDeliveries({ holder, leaseMs, limit, except, nowMs: clock() });
      if (due.length === 0) return [];
      const set = await book.at((await store.head()).rulesRevision);
      return due.map((delivery) => [delivery, set] as const);
    } catch (error) {
      errors.push(error);
      return [];
    }
  }

  async #attempt(delivery: DueDelivery, set: RuleSet): Promise<void> {
    const { store, holder, events, clock = Date.now } = this.#options;
    const { channel } = delivery;
    const attempt = await this.#send(delivery, set);
    const { outcome, milliseconds, answer = null, retryAfterMs = 0 } = attempt;
    // What is not there will not come back.
    const isFinal = ['no_channel', 'no_event', 'channel_disabled', GONE].includes(outcome);
    const pauseMs = isFinal ? undefined : pauseAfter(delivery.attempts + 1, Math.random());
    const state = outcome === 'ok' ? 'delivered' : pauseMs === undefined ? 'failed' : 'pending';
    events.alertAttempted({ channel, state, outcome });
    const nowMs = clock();
    const times = {
      dueMs: nowMs + Math.max(pauseMs ?? 0, retryAfterMs),
      atMs: nowMs,
      milliseconds: Math.round(milliseconds),
    };
    await store.noteAttempt({ id: delivery.id, holder, state, outcome, answer, ...times });
    if (outcome === GONE || (state === 'failed' && !isFinal && !(await this.#hasDelivered(delivery))))
      await this.#disable(channel, outcome);
  }

  /** True where the channel has taken something since a delivery was begun: it was the message that it did not take. */
  async #hasDelivered({ channel, alert }: DueDelivery): Promise<boolean> {
    const [last] = await this.#options.store.deliveries({ channel, state: 'delivered', limit: 1 });
    return (last?.attemptedMs ?? 0) >= alert.atMs;
  }

  async #disable(channel: string, outcome: string): Promise<void> {
    const { book, events } = this.#options;
    if (await book.disableChannel(channel, outcome)) events.alertChannelDisabled({ channel, outcome });
  }

  async #send({ id, channel, alert }: DueDelivery, { rules, disabled }: RuleSet): Promise<DeliveryAttempt> {
    const { sinks, reader } = this.#options;
    const sink = sinks.get(channel);
    if (!sink) return { delivered: false, outcome: 'no_channel', milliseconds: 0 };
    if (disabled.has(channel)) return { delivered: false, outcome: 'channel_disabled', milliseconds: 0 };
    const template = rules.find(({ name }) => name === alert.rule)?.template;
    const data = await contentOf(alert, reader, template);
    if (!data) return { delivered: false, outcome: 'no_event', milliseconds: 0 };
    return sink.deliver({ id, type: alert.type, atMs: alert.atMs, data });
  }
}
