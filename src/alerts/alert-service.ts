import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GraphEvent } from '../domain/graph.ts';
import { messageOf } from '../errors.ts';
import type { AlertStore, DueDelivery, NewDelivery } from '../graph/alert-store.ts';
import type { GraphReader } from '../graph/graph-reader.ts';
import type { Events } from '../telemetry/events.ts';
import type { AlertSink } from './alert-sink.ts';
import { evaluate } from './evaluate.ts';
import { pauseAfter } from './retry.ts';
import type { AlertRule } from './rule.ts';

/** What alerts are decided and delivered with. */
export interface AlertServiceOptions {
  readonly store: AlertStore;
  readonly reader: Pick<GraphReader, 'eventsAfter' | 'lastPosition'>;
  readonly rules: readonly AlertRule[];
  readonly sinks: ReadonlyMap<string, AlertSink>;
  /** Names this process. */
  readonly holder: string;
  /** Longer than an attempt can take. */
  readonly leaseMs: number;
  /** Time between looks for events and for deliveries that are due, milliseconds. */
  readonly pollMs: number;
  readonly events: Events;
  /** @default Date.now */
  readonly clock?: () => number;
}

const EVENTS_PER_READ = 500;
const DELIVERIES_AT_ONCE = 8;

/**
 * Decides on events in their order and delivers what is due, until it is disposed of.
 *
 * The place in the event log moves in the transaction that adds the deliveries, and a delivery is taken for a time: a
 * process that dies loses nothing, and any number of processes decide and deliver once. An attempt whose process dies
 * before it is noted is made again, with the same id. The first start begins at the newest event: history pages nobody.
 */
export class AlertService implements AsyncDisposable {
  readonly #options: AlertServiceOptions;
  readonly #stopping = new AbortController();
  #done: Promise<void> | undefined;

  constructor(options: AlertServiceOptions) {
    this.#options = options;
  }

  /** Begins, and goes on until it is disposed of. */
  start(): void {
    this.#done ??= this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }

  /** Decides on all events that there are, and delivers all that is due. */
  async pass(): Promise<void> {
    while (await this.#decide());
    while (await this.#deliver());
  }

  async #run(): Promise<void> {
    const { events, pollMs } = this.#options;
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.pass();
        failures = 0;
      } catch (error) {
        failures += 1;
        const fact = { attempt: failures, delayMs: pollMs, message: messageOf(error) };
        events.dependencyRetried({ dependency: 'alert store', ...fact });
      }
      await sleep(pollMs, undefined, { signal }).catch(() => {});
    }
  }

  /** True when there may be more. */
  async #decide(): Promise<boolean> {
    const { store, reader, rules, clock = Date.now, events: telemetry } = this.#options;
    const from = await store.position();
    if (from === undefined) return store.decide({ from, to: await reader.lastPosition(), deliveries: [] });
    const events = await reader.eventsAfter(from, EVENTS_PER_READ);
    const last = events.at(-1);
    if (!last || this.#stopping.signal.aborted) return false;
    const deliveries = events.flatMap((event) => deliveriesOf(event, rules, clock()));
    if (await store.decide({ from, to: last.position, deliveries }))
      telemetry.alertsDecided({ count: deliveries.length });
    return true;
  }

  async #deliver(): Promise<boolean> {
    const { store, holder, leaseMs, clock = Date.now } = this.#options;
    if (this.#stopping.signal.aborted) return false;
    const request = { holder, leaseMs, limit: DELIVERIES_AT_ONCE, nowMs: clock() };
    const due = await store.takeDeliveries(request);
    await Promise.all(due.map((delivery) => this.#attempt(delivery)));
    return due.length > 0;
  }

  async #attempt(delivery: DueDelivery): Promise<void> {
    const { store, sinks, holder, events, clock = Date.now } = this.#options;
    const sink = sinks.get(delivery.channel);
    const outcome = await send(delivery, sink);
    // What is not there will not come back, and 410 is how a receiver says that it wants no more.
    const isFinal = !sink || !delivery.event || outcome === 'http_410';
    const pauseMs = isFinal ? undefined : pauseAfter(delivery.attempts + 1, Math.random());
    const state = outcome === 'ok' ? 'delivered' : pauseMs === undefined ? 'failed' : 'pending';
    events.alertAttempted({ channel: delivery.channel, state, outcome });
    await store.noteAttempt({ id: delivery.id, holder, state, dueMs: clock() + (pauseMs ?? 0), outcome });
  }
}

async function send({ id, rule, event }: DueDelivery, sink: AlertSink | undefined): Promise<string> {
  if (!sink) return 'no_channel';
  if (!event) return 'no_event';
  return (await sink.deliver({ id, type: 'alert.fired', atMs: event.atMs, data: contentOf(rule, event) })).outcome;
}

function deliveriesOf(event: GraphEvent, rules: readonly AlertRule[], nowMs: number): readonly NewDelivery[] {
  return evaluate(event, rules).flatMap(({ name: rule, channels }) =>
    channels.map((channel) => {
      return { id: deliveryId(rule, event.key, channel), rule, channel, position: event.position, dueMs: nowMs };
    }),
  );
}

function deliveryId(...parts: readonly string[]): string {
  return `msg_${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`;
}

function contentOf(rule: string, event: GraphEvent): Record<string, unknown> {
  const { fact, headName, headType, tailName, tailType, kind, postId } = event;
  const { headId, tailId, ...numbers } = fact;
  const head = { id: headId, name: headName, type: headType };
  const tail = { id: tailId, name: tailName, type: tailType };
  return { rule, event: kind, fact: { ...numbers, head, tail }, postId };
}
