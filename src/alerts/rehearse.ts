import { entitiesIn, type GraphEvent, isFactEvent } from '../domain/graph.ts';
import type { GraphReader } from '../graph/graph-reader.ts';
import { eventOf } from './content.ts';
import { decide, type Suppression } from './decide/decide.ts';
import { gatherStates } from './decide/gather-states.ts';
import { MemoryStates } from './decide/memory-states.ts';
import { begunRow, type Counted } from './decide/spike-counter.ts';
import { explain, type Verdict } from './evaluate.ts';
import type { AlertRule } from './rule.ts';
import { spanOf } from './spike.ts';
import { topicOf } from './triggers.ts';

/** An event of a rehearsal that the rule would have told, or nearly. */
export interface RehearsedEvent {
  readonly event: GraphEvent;
  readonly verdict: Verdict;
  /** Why the rule would have held it back although it fires: `novelty` or `throttle` for instance. */
  readonly heldBack?: Suppression;
}

/** An alert that would have been sent. */
export interface RehearsedAlert {
  readonly type: 'alert.fired' | 'alert.resolved';
  readonly atMs: number;
  /** What it would have told, in this order. */
  readonly events: readonly GraphEvent[];
}

/** What a rule would have done. */
export interface Rehearsal {
  /** Alerts, oldest first. */
  readonly alerts: readonly RehearsedAlert[];
  /** Events at which the rule fires, and near misses: such as met one condition, but not all, or at which no gate was crossed. */
  readonly judged: readonly RehearsedEvent[];
  /** Events that were looked at. */
  readonly events: number;
  /** True when there were more events than are looked at: the newest were left out. */
  readonly isPartial: boolean;
}

/** What is rehearsed. */
export interface RehearsalRequest {
  readonly rule: AlertRule;
  readonly reader: Pick<GraphReader, 'eventsAfter' | 'lastPosition'>;
  /** Only events since then, epoch milliseconds. */
  readonly sinceMs: number;
  /** What settles or waits in a group by then is told. */
  readonly untilMs: number;
  /** News about facts that were last said longer before wakes nobody. */
  readonly maxAgeMs: number;
  /** Events looked at, at most. @default all */
  readonly limit?: number;
}

const EVENTS_PER_READ = 500;
/** Clocks of several writers differ by less: events before a position are at most so much later than the one there. */
const CLOCK_MS = 60_000;

/** What a rule would have done with the events that the log still has, if it had been there alone; nothing is kept or sent. */
export async function rehearse(request: RehearsalRequest): Promise<Rehearsal> {
  const { reader, sinceMs, untilMs, limit = Number.POSITIVE_INFINITY } = request;
  const { when, spike } = request.rule;
  // What is usual has to be counted before it can be said what is not.
  const heardSinceMs = spike ? sinceMs - spanOf(spike) : sinceMs;
  const stage = new Stage(request, heardSinceMs);
  let count = 0;
  const isAboutFacts = topicOf(when) === 'fact';
  for await (const found of eventsSince(reader, heardSinceMs)) {
    const events = found.filter((event) => isFactEvent(event) === isAboutFacts);
    const taken = events.slice(0, limit - count);
    count += taken.length;
    await stage.play(taken);
    if (taken.length < events.length) return { ...stage.told(), events: count, isPartial: true };
  }
  await stage.play([], untilMs);
  return { ...stage.told(), events: count, isPartial: false };
}

/** Decides as the service does, with what the rule remembers in memory. */
class Stage {
  readonly #rule: AlertRule;
  readonly #maxAgeMs: number;
  readonly #states = new MemoryStates();
  readonly #alerts: RehearsedAlert[] = [];
  readonly #judged: RehearsedEvent[] = [];
  /** Events that an alert may yet tell, by key. */
  readonly #events = new Map<string, GraphEvent>();
  /** Where in `#judged` an event stands, by its key. */
  readonly #places = new Map<string, number>();
  /** Of each entity, or pair, at which no spike was found, the mention that came nearest. */
  readonly #nearest = new Map<string, Counted>();
  readonly #spiked = new Set<string>();
  readonly #sinceMs: number;
  #nowMs = 0;

  constructor({ rule, maxAgeMs, sinceMs }: RehearsalRequest, heardSinceMs: number) {
    this.#rule = { ...rule, channels: [] };
    this.#maxAgeMs = maxAgeMs;
    this.#sinceMs = sinceMs;
    if (!rule.spike) return;
    const { value, ...row } = begunRow(rule.name, rule.spike, heardSinceMs);
    this.#states.change({ put: [{ ...row, value: JSON.stringify(value) }], removed: [] });
  }

  /** Plays the next events, and what has become due by the last of them, or by a time. */
  async play(events: readonly GraphEvent[], untilMs = this.#lastOf(events)): Promise<void> {
    for (const event of events) this.#judge(event);
    this.#nowMs = untilMs;
    const rules = [this.#rule];
    const states = await gatherStates(this.#states, { events, due: this.#states.due(untilMs), rules });
    const decided = decide({ rules, silences: [], events, states, untilMs, maxAgeMs: this.#maxAgeMs });
    this.#states.change(decided);
    for (const counted of decided.counted) this.#judgeCount(counted);
    for (const { key, reason } of decided.suppressed) this.#holdBack(key, reason);
    for (const { type, atMs, subjects } of decided.alerts) {
      if (atMs < this.#sinceMs) continue;
      const told = subjects.flatMap((subject) => {
        const event = this.#events.get(subject.key);
        return event ? [eventOf(event, subject)] : [];
      });
      this.#alerts.push({ type, atMs, events: told });
    }
  }

  told(): Pick<Rehearsal, 'alerts' | 'judged'> {
    const nearMisses = [...this.#nearest.values()].map((counted) => this.#told(counted));
    const judged = [...this.#judged, ...nearMisses].sort((a, b) => a.event.position - b.event.position);
    return { alerts: this.#alerts, judged };
  }

  /** Of a spike that goes on there is nothing to say, and of many mentions that make none, what one of them lacked. */
  #judgeCount(counted: Counted): void {
    const { event, finding, isOnset } = counted;
    const id = entitiesIn(event).join(' ');
    if (event.atMs < this.#sinceMs || (finding.isAbove && !isOnset)) return;
    if (isOnset) {
      this.#places.set(event.key, this.#judged.length);
      this.#judged.push(this.#told(counted));
      this.#spiked.add(id);
      this.#nearest.delete(id);
    } else if (!this.#spiked.has(id) && finding.nearness > (this.#nearest.get(id)?.finding.nearness ?? 0))
      this.#nearest.set(id, counted);
  }

  #told({ event, finding: { mentions, usual, why }, isOnset }: Counted): RehearsedEvent {
    const verdict = { rule: this.#rule, fires: isOnset, met: 0, why };
    return { event: { ...event, spike: { mentions, usual } }, verdict };
  }

  #lastOf(events: readonly GraphEvent[]): number {
    return events.reduce((last, { atMs }) => Math.max(last, atMs), this.#nowMs);
  }

  #judge(event: GraphEvent): void {
    this.#events.set(event.key, event);
    const verdict = explain(event, this.#rule);
    if (!verdict || (!verdict.fires && verdict.met === 0) || event.atMs < this.#sinceMs) return;
    if (this.#rule.spike && verdict.fires) return;
    this.#places.set(event.key, this.#judged.length);
    this.#judged.push({ event, verdict });
  }

  #holdBack(key: string, heldBack: Suppression): void {
    const place = this.#places.get(key);
    const found = place === undefined ? undefined : this.#judged[place];
    if (place !== undefined && found) this.#judged[place] = { ...found, heldBack };
  }
}

async function* eventsSince(
  reader: RehearsalRequest['reader'],
  sinceMs: number,
): AsyncGenerator<readonly GraphEvent[]> {
  let position = await positionBefore(reader, sinceMs - CLOCK_MS);
  for (;;) {
    const events = await reader.eventsAfter(position, EVENTS_PER_READ);
    // Positions follow commits, and the clocks of several writers differ: the time does not rise with every event.
    yield events.filter((event) => event.atMs >= sinceMs);
    const last = events.at(-1);
    if (!last) return;
    position = last.position;
  }
}

/** A position before all events since a time, found by halves: the log holds what was long before, too. */
async function positionBefore(reader: RehearsalRequest['reader'], timeMs: number): Promise<number> {
  let [before, after] = [0, await reader.lastPosition()];
  while (after - before > EVENTS_PER_READ) {
    const middle = Math.floor((before + after) / 2);
    const [event] = await reader.eventsAfter(middle, 1);
    if (event && event.atMs < timeMs) before = middle;
    else after = middle;
  }
  return before;
}
