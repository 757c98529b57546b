import { setTimeout as sleep } from 'node:timers/promises';
import { GrapevineError, messageOf } from '../errors.ts';
import type { AlertLog } from '../graph/alert-log.ts';
import type { AlertStore } from '../graph/alert-store.ts';
import type { GraphReader } from '../graph/graph-reader.ts';
import { watchedId, watchedName, watchedPairs } from '../graph/plan/watched.ts';
import type { ContentReader } from './content.ts';
import { decide } from './decide/decide.ts';
import { gatherStates } from './decide/gather-states.ts';
import { Deliverer, type DelivererOptions } from './deliverer.ts';
import type { AlertRule } from './rule.ts';
import { topicOf } from './triggers.ts';

/** What alerts are decided and delivered with. */
export interface AlertServiceOptions extends DelivererOptions {
  readonly store: AlertStore & Pick<AlertLog, 'pruneAlerts' | 'deliveries'>;
  readonly reader: ContentReader & Pick<GraphReader, 'lastPosition'>;
  /** What posts last said this long before the event wakes nobody. */
  readonly maxAgeMs: number;
  /** How long alerts and their deliveries are kept. */
  readonly retentionMs: number;
  /** Time between looks for events and for deliveries that are due, milliseconds. */
  readonly pollMs: number;
}

const EVENTS_PER_READ = 500;
const DUE_PER_READ = 500;
const PRUNED_AT_ONCE = 500;
const HOUR_MS = 3_600_000;

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
  readonly #deliverer: Deliverer;
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
    this.#deliverer = new Deliverer(options, () => this.#wake());
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
    await this.#decideAll();
    await this.#deliverer.deliver(this.#stopping.signal);
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
        if (isMore) this.#wake();
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

  /** Deciding goes on while a receiver lets wait. */
  async #run(): Promise<void> {
    const deliver = async () => {
      await this.#deliverer.begin(this.#stopping.signal);
      await this.#prune();
    };
    await Promise.all([this.#repeat(() => this.#decideAll()), this.#repeat(deliver)]);
    await this.#deliverer.settled();
  }

  /** Works again and again, with a pause between, until it is disposed of. */
  async #repeat(work: () => Promise<void>): Promise<void> {
    const { events, pollMs } = this.#options;
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted; ) {
      // Taken before the look: what is decided during it has not been seen by it.
      const rest = this.#rest.signal;
      try {
        await work();
        failures = 0;
      } catch (error) {
        failures += 1;
        const fact = { attempt: failures, delayMs: pollMs, message: messageOf(error) };
        events.dependencyRetried({ dependency: 'alert store', ...fact });
      }
      await sleep(pollMs, undefined, { signal: AbortSignal.any([signal, rest]) }).catch(() => {});
    }
  }

  async #decideAll(): Promise<void> {
    while (await this.#decide()) this.#wake();
  }

  /** Ends the pauses between two looks. */
  #wake(): void {
    this.#rest.abort();
    this.#rest = new AbortController();
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
    const [first] = found;
    if (first && first.position > position + 1) telemetry.alertEventsMissed({ count: first.position - position - 1 });
    const read = found.length < EVENTS_PER_READ ? nowMs : Math.min(nowMs, found.at(-1)?.atMs ?? nowMs);
    const due = await store.dueStates(read, DUE_PER_READ);
    if (this.#stopping.signal.aborted || (found.length === 0 && due.length === 0)) return false;
    // Where too much is due for one turn, it comes before the events.
    const isMuch = due.length === DUE_PER_READ;
    const [events, untilMs] = isMuch ? [[], due.at(-1)?.dueMs ?? read] : [found, read];
    const states = await gatherStates(store, { events, due, rules });
    const decided = decide({ rules, silences, events, states, untilMs, maxAgeMs });
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
    const { store, clock = Date.now } = this.#options;
    await store.watch(rules.flatMap(watchedBy), clock());
    this.#watched = rules;
  }
}

/** Keys of the entities whose mentions a rule has to hear of. */
function watchedBy({ when, members }: AlertRule): readonly string[] {
  const keys = [...(members?.ids ?? []).map(watchedId), ...(members?.names ?? []).map(watchedName)];
  return topicOf(when) === 'pair' ? keys.map(watchedPairs) : keys;
}
