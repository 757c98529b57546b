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
/** Outcome where no file of rules of this process has the channel: nobody was asked. */
const NO_CHANNEL = 'no_channel';
/** Outcome where the log has none of the events any more: there is nothing to tell. */
const NO_EVENT = 'no_event';

/** How long after an alert a receiver can ask to wait without using up the schedule: as long as that lasts. */
const MAX_WAIT_MS = 76 * 3_600_000;
/** Pause where a receiver says that it is asked too often, but not for how long, and the shortest one. */
const WAIT_MS = 60_000;

/** How long a receiver asks to be left alone; undefined where it does not. */
function askedWait({ outcome, retryAfterMs }: DeliveryAttempt): number | undefined {
  if (retryAfterMs === undefined && outcome !== 'http_429') return undefined;
  return Math.max(retryAfterMs ?? 0, WAIT_MS);
}

/** Delivers what is due. A delivery is taken for a time, so that several processes send it once. */
export class Deliverer {
  readonly #options: DelivererOptions;
  readonly #onEnd: () => void;
  /** Attempts that go on, each with its channel. */
  readonly #running = new Map<Promise<void>, string>();
  #errors: unknown[] = [];

  /** `onEnd` is called when an attempt has ended: its channel may have more. */
  constructor(options: DelivererOptions, onEnd: () => void) {
    this.#options = options;
    this.#onEnd = onEnd;
  }

  /** Begins what is due as far as channels are free, and gives how many; throws what went wrong since the last call. */
  async begin(signal: AbortSignal): Promise<number> {
    let count = 0;
    while (!signal.aborted) {
      const taken = await this.#take();
      if (taken.length === 0) break;
      count += taken.length;
    }
    const [error] = this.#errors;
    this.#errors = [];
    if (error !== undefined) throw error;
    return count;
  }

  /** Delivers until nothing is due; what has been begun is ended. */
  async deliver(signal: AbortSignal): Promise<void> {
    for (let isIdle = false; !isIdle; ) {
      // A channel that is busy is not looked at: only where none is can nothing be left.
      isIdle = this.#running.size === 0;
      try {
        if ((await this.begin(signal)) > 0) isIdle = false;
      } catch (error) {
        await this.settled();
        throw error;
      }
      if (this.#running.size > 0) await Promise.race(this.#running.keys());
    }
  }

  /** Resolves when nothing goes on any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.keys());
  }

  async #take(): Promise<readonly DueDelivery[]> {
    const { store, book, holder, leaseMs, clock = Date.now } = this.#options;
    const limit = Math.min(PER_CHANNEL, AT_ONCE - this.#running.size);
    if (limit <= 0) return [];
    const except = [...new Set(this.#running.values())];
    const due = await store.takeDeliveries({ holder, leaseMs, limit, except, nowMs: clock() });
    if (due.length === 0) return [];
    const set = await book.at((await store.head()).rulesRevision);
    for (const delivery of due) this.#begin(delivery, set);
    return due;
  }

  #begin(delivery: DueDelivery, set: RuleSet): void {
    const attempt: Promise<void> = this.#attempt(delivery, set)
      .catch((error: unknown) => void this.#errors.push(error))
      .finally(() => {
        this.#running.delete(attempt);
        this.#onEnd();
      });
    this.#running.set(attempt, delivery.channel);
  }

  async #attempt(delivery: DueDelivery, set: RuleSet): Promise<void> {
    const { store, holder, events, clock = Date.now } = this.#options;
    const { channel } = delivery;
    const attempt = await this.#send(delivery, set);
    const { outcome, milliseconds, answer = null } = attempt;
    const nowMs = clock();
    const waitMs = outcome === 'ok' || nowMs >= delivery.alert.atMs + MAX_WAIT_MS ? undefined : askedWait(attempt);
    // What is not there will not come back; but a channel that this process does not know another one may.
    const isFinal = [NO_EVENT, 'channel_disabled', GONE].includes(outcome);
    const pauseMs = isFinal ? undefined : (waitMs ?? pauseAfter(delivery.attempts + 1, Math.random()));
    const state = outcome === 'ok' ? 'delivered' : pauseMs === undefined ? 'failed' : 'pending';
    events.alertAttempted({ channel, state, outcome });
    if (outcome === NO_EVENT) events.alertLost({ rule: delivery.alert.rule, channel });
    const times = {
      dueMs: nowMs + Math.max(pauseMs ?? 0, attempt.retryAfterMs ?? 0),
      atMs: nowMs,
      milliseconds: Math.round(milliseconds),
    };
    await store.noteAttempt({
      id: delivery.id,
      holder,
      state,
      outcome,
      answer,
      counted: waitMs === undefined ? 1 : 0,
      ...times,
    });
    const isGivenUp = state === 'failed' && !isFinal && outcome !== NO_CHANNEL;
    if (outcome === GONE || (isGivenUp && !(await this.#hasDelivered(delivery)))) await this.#disable(channel, outcome);
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
    if (!sink) return { delivered: false, outcome: NO_CHANNEL, milliseconds: 0 };
    if (disabled.has(channel)) return { delivered: false, outcome: 'channel_disabled', milliseconds: 0 };
    const template = rules.find(({ name }) => name === alert.rule)?.template;
    const data = await contentOf(alert, reader, template);
    if (!data) return { delivered: false, outcome: NO_EVENT, milliseconds: 0 };
    return sink.deliver({ id, type: alert.type, atMs: alert.atMs, data });
  }
}
