import { setTimeout as sleep } from 'node:timers/promises';
import { GrapevineError, messageOf } from '../errors.ts';
import type { AlertLog } from '../graph/alert-log.ts';
import type { AlertStore, DueDelivery } from '../graph/alert-store.ts';
import type { GraphReader } from '../graph/graph-reader.ts';
import { watchedId, watchedName } from '../graph/plan/watched.ts';
import type { Events } from '../telemetry/events.ts';
import type { AlertSink, DeliveryAttempt } from './alert-sink.ts';
import { type ContentReader, contentOf } from './content.ts';
import { decide } from './decide/decide.ts';
import { gatherStates } from './decide/gather-states.ts';
import { pauseAfter } from './retry.ts';
import type { AlertRule } from './rule.ts';
import type { RuleBook, RuleSet } from './rule-book.ts';

/** What alerts are decided and delivered with. */
export interface AlertServiceOptions {
  readonly store: AlertStore & Pick<AlertLog, 'pruneAlerts' | 'deliveries'>;
  readonly reader: ContentReader & Pick<GraphReader, 'lastPosition'>;
  readonly book: Pick<RuleBook, 'at' | 'disableChannel'>;
  readonly sinks: ReadonlyMap<string, AlertSink>;
  /** News about facts that were last said longer ago wakes nobody. */
  readonly maxAgeMs: number;
  /** How long alerts and their deliveries are kept. */
  readonly retentionMs: number;
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
const DUE_PER_READ = 500;
const DELIVERIES_AT_ONCE = 8;
const PRUNED_AT_ONCE = 500;
const HOUR_MS = 3_600_000;
/** How a receiver says that it wants no more. */
const GONE = 'http_410';

/**
 * Decides on events in their order and delivers what is due, until it is disposed of.
 *
 * The place in the event log and all that rules remember change in the transaction that adds the alerts, and a delivery is
 * taken for a time: a process that dies loses nothing, and any number of processes decide and deliver once. An attempt whose
 * process dies before it is noted is made again, with the same id. The first start begins at the newest event: history pages
 * nobody.
 */
export class AlertService implements AsyncDisposable {
  readonly #options: AlertServiceOptions;
  readonly #stopping = new AbortController();
  #done: Promise<void> | undefined;
  /** Position up to which this process knows that it has been decided. */
  #decidedTo = -1;
  /** Rules whose mentions the writers know to tell of. */
  #watched: readonly AlertRule[] | undefined;
  #turn: Promise<void> = Promise.resolve();
  #pruneMs = 0;
  /** Ends the pause between two looks. */
  #rest = new AbortController();

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
    await this.#prune();
  }

  /**
   * Resolves when all events up to a position have been decided on, by this process or another; tries until it can.
   * @throws {CLOSED} when it is disposed of before.
   */
  async decideUpTo(position: number): Promise<void> {
    if (position <= this.#decidedTo) return;
    this.#turn = this.#turn.then(() => this.#reach(position));
    await this.#turn;
    if (this.#stopping.signal.aborted && position > this.#decidedTo)
      throw new GrapevineError('CLOSED', 'deciding on an event: the alerts are stopping');
  }

  async #reach(position: number): Promise<void> {
    const { events, pollMs, reader, store } = this.#options;
    const { signal } = this.#stopping;
    for (let failures = 0; position > this.#decidedTo && !signal.aborted; ) {
      try {
        const isMore = await this.#decide();
        if (isMore) this.#rest.abort();
        this.#decidedTo = (await store.head()).position ?? -1;
        if (isMore || position <= this.#decidedTo) continue;
        // An event beyond the log is of an earlier graph: there is nothing to decide.
        if (position > (await reader.lastPosition())) this.#decidedTo = position;
      } catch (error) {
        failures += 1;
        const fact = { attempt: failures, delayMs: pollMs, message: messageOf(error) };
        events.dependencyRetried({ dependency: 'alert store', ...fact });
        await sleep(pollMs, undefined, { signal }).catch(() => {});
      }
    }
  }

  /** Forgets what is over, once an hour. */
  async #prune(): Promise<void> {
    const { store, retentionMs, clock = Date.now } = this.#options;
    const nowMs = clock();
    if (nowMs < this.#pruneMs + HOUR_MS || this.#stopping.signal.aborted) return;
    const request = { beforeMs: nowMs - retentionMs, limit: PRUNED_AT_ONCE };
    while ((await store.pruneAlerts(request)) === PRUNED_AT_ONCE);
    this.#pruneMs = nowMs;
  }

  async #run(): Promise<void> {
    const { events, pollMs } = this.#options;
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted; ) {
      // Made before the look: what is decided during it has not been seen by it.
      const rest = new AbortController();
      this.#rest = rest;
      try {
        await this.pass();
        failures = 0;
      } catch (error) {
        failures += 1;
        const fact = { attempt: failures, delayMs: pollMs, message: messageOf(error) };
        events.dependencyRetried({ dependency: 'alert store', ...fact });
      }
      await sleep(pollMs, undefined, { signal: AbortSignal.any([signal, rest.signal]) }).catch(() => {});
    }
  }

  /** True when there may be more. */
  async #decide(): Promise<boolean> {
    const { store, reader, book, maxAgeMs, clock = Date.now, events: telemetry } = this.#options;
    // Rules that change after this have moved the revision on: nothing is decided with the old ones.
    const { position, revision, rulesRevision } = await store.head();
    const { rules, silences } = await book.at(rulesRevision);
    await this.#watch(rules);
    if (position === undefined) {
      const start = { revision, position: await reader.lastPosition(), put: [], removed: [], alerts: [] };
      await store.decide(start);
      return true;
    }
    // Read before the events: what is committed after it is not older than what was due by then.
    const nowMs = clock();
    const found = await reader.eventsAfter(position, EVENTS_PER_READ);
    const read = found.length < EVENTS_PER_READ ? nowMs : Math.min(nowMs, found.at(-1)?.atMs ?? nowMs);
    const due = await store.dueStates(read, DUE_PER_READ);
    if (this.#stopping.signal.aborted || (found.length === 0 && due.length === 0)) return false;
    // Where too much is due for one turn, it comes before the events.
    const isMuch = due.length === DUE_PER_READ;
    const [events, untilMs] = isMuch ? [[], due.at(-1)?.dueMs ?? read] : [found, read];
    const states = await gatherStates(store, { events, due, rules });
    const decided = decide({ rules, silences, events, states, untilMs, oldestMs: nowMs - maxAgeMs });
    const { put, removed, alerts, suppressed } = decided;
    const moved = { revision, position: events.at(-1)?.position ?? position, put, removed, alerts };
    if (await store.decide(moved)) {
      telemetry.alertsDecided({ count: alerts.length });
      for (const { rule, subjectId, reason } of suppressed) telemetry.alertSuppressed({ rule, subjectId, reason });
    }
    return true;
  }

  /** Has the writers of the graph tell of the mentions that rules are about. */
  async #watch(rules: readonly AlertRule[]): Promise<void> {
    if (this.#watched === rules) return;
    const members = rules.flatMap((rule) => rule.members ?? []);
    const ids = members.flatMap((one) => one.ids.map(watchedId));
    await this.#options.store.watch([...ids, ...members.flatMap((one) => one.names.map(watchedName))]);
    this.#watched = rules;
  }

  async #deliver(): Promise<boolean> {
    const { store, book, holder, leaseMs, clock = Date.now } = this.#options;
    if (this.#stopping.signal.aborted) return false;
    const request = { holder, leaseMs, limit: DELIVERIES_AT_ONCE, nowMs: clock() };
    const due = await store.takeDeliveries(request);
    if (due.length === 0) return false;
    const set = await book.at((await store.head()).rulesRevision);
    await Promise.all(due.map((delivery) => this.#attempt(delivery, set)));
    return true;
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
