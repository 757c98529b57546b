import { createHash } from 'node:crypto';
import { type EntityEvent, type FactEvent, type GraphEvent, isFactEvent, type Spike } from '../../domain/graph.ts';
import type { Silence } from '../../graph/alert-rules.ts';
import type { AlertState, AlertSubject, NewAlert } from '../../graph/alert-store.ts';
import { nextActive } from '../active-hours.ts';
import { evaluate } from '../evaluate.ts';
import type { AlertRule } from '../rule.ts';
import { factKey, groupKey, hourKey, idOfSubject, noveltyKeys, subjectOf, throttleKey } from './keys.ts';
import { isOfMoment, isOpposite, lastSeen } from './moments.ts';
import { type FactRow, type GroupRow, isFactRow, isGroupRow, Rows } from './rows.ts';
import { silenceOf } from './silences.ts';
import { type Counted, SpikeCounter } from './spike-counter.ts';

/** What is decided on. */
export interface DecisionInput {
  readonly rules: readonly AlertRule[];
  readonly silences: readonly Silence[];
  /** In the order of the log. */
  readonly events: readonly GraphEvent[];
  /** All that the store has of what is needed: see `keys.ts`. */
  readonly states: readonly AlertState[];
  /** What is due by then is done, epoch milliseconds. */
  readonly untilMs: number;
  /** What posts last said this long before the event wakes nobody. */
  readonly maxAgeMs: number;
}

/** Why something that a rule is about was not told. */
export type Suppression = 'backfill' | 'too_old' | 'novelty' | 'throttle' | 'max_per_hour' | 'silence';

/** What was decided. */
export interface DecisionOutput {
  readonly put: readonly AlertState[];
  readonly removed: readonly string[];
  readonly alerts: readonly NewAlert[];
  readonly suppressed: readonly Suppressed[];
  readonly counted: readonly Counted[];
}

/** Something that was not told. */
export interface Suppressed {
  readonly rule: string;
  /** The fact or the entity. */
  readonly subjectId: string;
  /** Key of the event that would have been told. */
  readonly key: string;
  readonly reason: Suppression;
}

const HOUR_MS = 3_600_000;
/** Most facts that one alert tells. */
const MAX_GROUP = 20;

/**
 * Decides on events and on what has become due. Time is that of the events and of what is due, not that at which it is
 * decided: a process that is late, or one that starts again in the middle, decides the same.
 */
export function decide(input: DecisionInput): DecisionOutput {
  return new Decision(input).run();
}

class Decision {
  readonly #input: DecisionInput;
  readonly #rows: Rows;
  readonly #rules: ReadonlyMap<string, AlertRule>;
  readonly #counter: SpikeCounter;
  readonly #alerts: NewAlert[] = [];
  readonly #suppressed: Suppressed[] = [];
  readonly #counted: Counted[] = [];

  constructor(input: DecisionInput) {
    this.#input = input;
    this.#rows = new Rows(input.states);
    this.#counter = new SpikeCounter(this.#rows, input);
    this.#rules = new Map(input.rules.map((rule) => [rule.name, rule]));
  }

  run(): DecisionOutput {
    const [first] = this.#input.events;
    if (first) this.#counter.begin(first.atMs);
    let nowMs = 0;
    for (const event of this.#input.events) {
      // Clocks of several writers differ; time does not run backwards for it.
      nowMs = Math.max(nowMs, event.atMs);
      this.#runDue(Math.min(nowMs, this.#input.untilMs));
      this.#hear(event, nowMs);
    }
    this.#runDue(this.#input.untilMs);
    return { ...this.#rows.changes(), alerts: this.#alerts, suppressed: this.#suppressed, counted: this.#counted };
  }

  #runDue(untilMs: number): void {
    for (let row = this.#rows.firstDue(untilMs); row; row = this.#rows.firstDue(untilMs)) {
      const rule = this.#rules.get(row.rule);
      if (rule && isFactRow(row)) this.#ripen(rule, row, row.dueMs ?? untilMs);
      else if (rule && isGroupRow(row)) this.#sendGroup(rule, row, row.dueMs ?? untilMs);
      else this.#rows.remove(row);
    }
  }

  #hear(event: GraphEvent, nowMs: number): void {
    if (event.kind === 'fact.moved') return this.#move(event);
    for (const row of this.#rows.ofFact(idOfSubject(subjectOf(event)))) {
      const rule = this.#rules.get(row.rule);
      if (!rule) this.#rows.remove(row);
      else if (isOpposite(rule, event)) this.#takeBack(rule, row, event, nowMs);
      else if (row.value.stage === 'settling') this.#renew(rule, row, event);
    }
    if (event.kind === 'entity.merged' || event.kind === 'entity.split') this.#counter.countAnew(event, nowMs);
    for (const rule of evaluate(event, this.#input.rules)) {
      if (!rule.spike || isFactEvent(event)) this.#begin(rule, event, nowMs);
      else this.#count(rule, event, nowMs);
    }
  }

  #count(rule: AlertRule, event: EntityEvent, nowMs: number): void {
    const counted = this.#counter.count(rule, event, nowMs);
    if (!counted) return;
    this.#counted.push(counted);
    const { mentions, usual } = counted.finding;
    if (counted.isOnset) this.#begin(rule, event, nowMs, { mentions, usual });
  }

  /** The opposite of what the rule is about has happened: what is not told yet is not told, and what is told is resolved. */
  #takeBack(rule: AlertRule, row: FactRow, event: GraphEvent, nowMs: number): void {
    this.#leaveGroup(row);
    this.#rows.remove(row);
    if (row.value.stage === 'fired') this.#resolve(rule, row, event, nowMs);
  }

  /** While a fact settles the newest numbers count. */
  #renew(rule: AlertRule, row: FactRow, event: GraphEvent): void {
    if (isOfMoment(rule)) return;
    if (!rule.filter.holds(event)) return this.#rows.remove(row);
    this.#rows.put({ ...row, value: { ...row.value, subject: subjectOf(event) } });
  }

  #begin(rule: AlertRule, event: GraphEvent, nowMs: number, spike?: Spike): void {
    const subject = { ...subjectOf(event), ...(spike && { spike }) };
    const id = idOfSubject(subject);
    const key = factKey(rule.name, id);
    if (this.#rows.get(key)) return;
    if (event.quiet) return this.#suppress(rule, subject, 'backfill');
    if (lastSeen(event) < event.atMs - this.#input.maxAgeMs) return this.#suppress(rule, subject, 'too_old');
    const value = { kind: 'fact', stage: 'settling', subject, alerts: [] } as const;
    const row = { key, rule: rule.name, factId: id, dueMs: nowMs + rule.settleMs, value };
    this.#rows.put(row);
    if (rule.settleMs === 0) this.#ripen(rule, row, nowMs);
  }

  /** A fact has settled. */
  #ripen(rule: AlertRule, row: FactRow, atMs: number): void {
    const activeMs = rule.active ? nextActive(rule.active, atMs) : atMs;
    if (activeMs > atMs) return this.#rows.put({ ...row, dueMs: activeMs });
    const { subject } = row.value;
    if (!this.#isNovel(rule, subject, atMs)) return this.#silence(rule, row, 'novelty');
    const silence = this.#silenceOf(rule, subject, atMs);
    // What nobody is sent does not count as sent.
    if (silence) return this.#keepBack(rule, [subject], atMs, silence.id);
    if (this.#isThrottled(rule, subject, atMs)) return this.#silence(rule, row, 'throttle');
    const group = groupKey(rule, subject);
    if (group === undefined) this.#send(rule, [subject], atMs);
    else this.#joinGroup(rule, row, group, atMs);
  }

  #isNovel(rule: AlertRule, subject: AlertSubject, atMs: number): boolean {
    const keys = noveltyKeys(rule, subject);
    const isNew = keys.length === 0 || keys.some((key) => !this.#isMarked(key, atMs));
    const windowMs = rule.novelty?.windowMs ?? null;
    for (const key of keys) this.#mark(rule, key, windowMs === null ? null : atMs + windowMs);
    return isNew;
  }

  #isThrottled(rule: AlertRule, subject: AlertSubject, atMs: number): boolean {
    const key = throttleKey(rule, subject);
    if (key === undefined) return false;
    if (this.#isMarked(key, atMs)) return true;
    this.#mark(rule, key, atMs + (rule.throttle?.everyMs ?? 0));
    return false;
  }

  #isMarked(key: string, atMs: number): boolean {
    const row = this.#rows.get(key);
    return row !== undefined && (row.dueMs === null || row.dueMs > atMs);
  }

  #mark(rule: AlertRule, key: string, dueMs: number | null): void {
    this.#rows.put({ key, rule: rule.name, factId: null, dueMs, value: { kind: 'mark' } });
  }

  #joinGroup(rule: AlertRule, row: FactRow, key: string, atMs: number): void {
    const found = this.#rows.get(key);
    const { subjects, sentMs } = found && isGroupRow(found) ? found.value : { subjects: [], sentMs: null };
    const { waitMs = 0, intervalMs = 0 } = rule.group ?? {};
    const readyMs = Math.max(atMs + waitMs, sentMs === null ? 0 : sentMs + intervalMs);
    const dueMs = subjects.length > 0 ? (found?.dueMs ?? readyMs) : readyMs;
    const value = { kind: 'group', subjects: [...subjects, row.value.subject], sentMs } as const;
    const group = { key, rule: rule.name, factId: null, dueMs, value };
    this.#rows.put({ ...row, dueMs: null, value: { ...row.value, stage: 'grouped', group: key } });
    this.#rows.put(group);
    if (value.subjects.length >= MAX_GROUP) this.#sendGroup(rule, group, atMs);
  }

  #leaveGroup({ factId, value }: FactRow): void {
    const group = value.group === undefined ? undefined : this.#rows.get(value.group);
    if (value.stage !== 'grouped' || !group || !isGroupRow(group)) return;
    const subjects = group.value.subjects.filter((subject) => idOfSubject(subject) !== factId);
    this.#rows.put({ ...group, value: { ...group.value, subjects } });
  }

  #sendGroup(rule: AlertRule, row: GroupRow, atMs: number): void {
    const { subjects } = row.value;
    if (subjects.length === 0) return this.#rows.remove(row);
    const activeMs = rule.active ? nextActive(rule.active, atMs) : atMs;
    if (activeMs > atMs && subjects.length < MAX_GROUP) return this.#rows.put({ ...row, dueMs: activeMs });
    const dueMs = atMs + (rule.group?.intervalMs ?? 0);
    this.#rows.put({ ...row, dueMs, value: { kind: 'group', subjects: [], sentMs: atMs } });
    this.#send(rule, subjects, atMs);
  }

  #send(rule: AlertRule, all: readonly AlertSubject[], atMs: number): void {
    const silencing = new Map(all.map((subject) => [subject, this.#silenceOf(rule, subject, atMs)]));
    for (const silence of new Set(silencing.values())) {
      const subjects = all.filter((subject) => silencing.get(subject) === silence);
      if (silence) this.#keepBack(rule, subjects, atMs, silence.id);
      else this.#fire(rule, subjects, atMs);
    }
  }

  #silenceOf({ name }: AlertRule, subject: AlertSubject, atMs: number): Silence | undefined {
    return silenceOf(this.#input.silences, name, subject, atMs);
  }

  #rowsOf({ name }: AlertRule, subjects: readonly AlertSubject[]): readonly FactRow[] {
    return subjects.flatMap((one) => this.#rows.get(factKey(name, idOfSubject(one))) ?? []).filter(isFactRow);
  }

  /** An alert that nobody is sent: it is in the log, and its end is not told either. */
  #keepBack(rule: AlertRule, subjects: readonly AlertSubject[], atMs: number, silencedBy: string): void {
    const { severity, name } = rule;
    const id = idOf('alr', [name, 'fired', atMs, ...subjects.map(({ key }) => key)]);
    this.#alerts.push({ id, rule: name, type: 'alert.fired', severity, atMs, subjects, silencedBy, deliveries: [] });
    for (const row of this.#rowsOf(rule, subjects)) this.#silence(rule, row, 'silence');
  }

  #fire(rule: AlertRule, subjects: readonly AlertSubject[], atMs: number): void {
    const rows = this.#rowsOf(rule, subjects);
    if (!this.#isWithinHour(rule, atMs)) {
      for (const row of rows) this.#silence(rule, row, 'max_per_hour');
      return;
    }
    const id = idOf('alr', [rule.name, 'fired', atMs, ...subjects.map(({ key }) => key)]);
    const { severity, name } = rule;
    this.#add(rule, { id, rule: name, type: 'alert.fired', severity, atMs, subjects });
    for (const row of rows) {
      if (isOfMoment(rule)) this.#rows.remove(row);
      else this.#rows.put({ ...row, dueMs: null, value: firedValue(row, [...row.value.alerts, id]) });
    }
  }

  #isWithinHour(rule: AlertRule, atMs: number): boolean {
    const { maxPerHour } = rule.throttle ?? {};
    if (maxPerHour === undefined) return true;
    const key = hourKey(rule);
    const found = this.#rows.get(key);
    const count = found?.value.kind === 'hour' && (found.dueMs ?? 0) > atMs ? found.value.count : 0;
    if (count >= maxPerHour) return false;
    const dueMs = (Math.floor(atMs / HOUR_MS) + 1) * HOUR_MS;
    this.#rows.put({ key, rule: rule.name, factId: null, dueMs, value: { kind: 'hour', count: count + 1 } });
    return true;
  }

  #resolve(rule: AlertRule, row: FactRow, event: GraphEvent, atMs: number): void {
    const { name, severity } = rule;
    const id = idOf('alr', [name, 'resolved', event.key]);
    const subject = subjectOf(event);
    const resolved = { type: 'alert.resolved', subjects: [subject], firedIds: row.value.alerts } as const;
    const silence = this.#silenceOf(rule, subject, atMs);
    const alert = { id, rule: name, severity, atMs, ...resolved };
    if (silence) this.#alerts.push({ ...alert, silencedBy: silence.id, deliveries: [] });
    else this.#add(rule, alert);
  }

  #add(rule: AlertRule, alert: Omit<NewAlert, 'deliveries'>): void {
    const deliveries = rule.channels.map((channel) => {
      return { id: idOf('msg', [alert.id, channel]), channel, dueMs: alert.atMs };
    });
    this.#alerts.push({ ...alert, deliveries });
  }

  #silence(rule: AlertRule, row: FactRow, reason: Suppression): void {
    this.#suppress(rule, row.value.subject, reason);
    if (isOfMoment(rule)) this.#rows.remove(row);
    else this.#rows.put({ ...row, dueMs: null, value: { ...row.value, stage: 'silent' } });
  }

  #suppress(rule: AlertRule, subject: AlertSubject, reason: Suppression): void {
    this.#suppressed.push({ rule: rule.name, subjectId: idOfSubject(subject), key: subject.key, reason });
  }

  /** Entities became one, or one became two: what was told of the fact was told of the one its evidence is with now. */
  #move(event: FactEvent): void {
    for (const row of this.#rows.ofFact(event.movedFrom ?? '')) {
      const rule = this.#rules.get(row.rule);
      if (rule?.when === 'fact.retracted') continue;
      const key = factKey(row.rule, event.fact.id);
      const found = this.#rows.get(key);
      const moved = { ...row, key, factId: event.fact.id, value: { ...row.value, subject: subjectOf(event) } };
      if (found && isFactRow(found)) this.#unite(found, row);
      else if (row.value.stage !== 'grouped') this.#rows.put(moved);
      else if (event.remains) this.#rows.put({ ...moved, value: { ...moved.value, stage: 'silent' } });
      else this.#moveInGroup(row, moved);
      if (event.remains) continue;
      if (found) this.#leaveGroup(row);
      this.#rows.remove(row);
    }
  }

  /** Told of one is told of both. */
  #unite(found: FactRow, gone: FactRow): void {
    const alerts = [...new Set([...found.value.alerts, ...gone.value.alerts])].sort();
    if (alerts.length === 0) return;
    this.#leaveGroup(found);
    this.#rows.put({ ...found, dueMs: null, value: firedValue(found, alerts) });
  }

  #moveInGroup(row: FactRow, moved: FactRow): void {
    const group = this.#rows.get(row.value.group ?? '');
    if (group && isGroupRow(group)) {
      const subjects = group.value.subjects.map((one) => (idOfSubject(one) === row.factId ? moved.value.subject : one));
      this.#rows.put({ ...group, value: { ...group.value, subjects } });
    }
    this.#rows.put(moved);
  }
}

function firedValue({ value: { subject } }: FactRow, alerts: readonly string[]): FactRow['value'] {
  return { kind: 'fact', stage: 'fired', subject, alerts };
}

function idOf(prefix: string, parts: readonly unknown[]): string {
  return `${prefix}_${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`;
}
