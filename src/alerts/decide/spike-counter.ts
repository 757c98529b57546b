import { type EntityEvent, entitiesIn } from '../../domain/graph.ts';
import type { AlertRule } from '../rule.ts';
import { addMention, isOnset, judge, type SpikeFinding, type SpikeTest, spanOf } from '../spike.ts';
import { begunKey, countsKey } from './keys.ts';
import { lastSeen } from './moments.ts';
import type { Row, Rows } from './rows.ts';

/** What a rule about spikes found at a mention. */
export interface Counted {
  readonly event: EntityEvent;
  readonly finding: SpikeFinding;
  /** True where the spike begins with it. */
  readonly isOnset: boolean;
}

/** What counting depends on besides the mentions: see `DecisionInput`. */
interface Counting {
  readonly rules: readonly AlertRule[];
  readonly maxAgeMs: number;
}

/** Counts mentions for rules about spikes, in their rows. */
export class SpikeCounter {
  readonly #rows: Rows;
  readonly #input: Counting;

  constructor(rows: Rows, input: Counting) {
    this.#rows = rows;
    this.#input = input;
  }

  /** A rule that is new, or counts otherwise now, knows of no mention before: others may have had them told for long. */
  begin(nowMs: number): void {
    for (const { name, spike } of this.#input.rules) {
      const found = this.#rows.get(begunKey(name))?.value;
      if (spike && !(found?.kind === 'begun' && isSame(found, spike))) this.#rows.put(begunRow(name, spike, nowMs));
    }
  }

  /** The mentions of one are now also those of another, or no more: compared with those of before they would be many, or few. */
  countAnew(event: EntityEvent, nowMs: number): void {
    for (const { name, spike } of this.#input.rules) {
      if (!spike) continue;
      for (const id of entitiesIn(event)) {
        const value = { kind: 'begun', atMs: nowMs } as const;
        this.#rows.put({ key: begunKey(name, id), rule: name, factId: null, dueMs: nowMs + spanOf(spike), value });
      }
    }
  }

  /** One more mention, counted when its post was published: what comes late, after an outage, makes no spike. */
  count({ name, spike }: AlertRule, event: EntityEvent, nowMs: number): Counted | undefined {
    const { maxAgeMs } = this.#input;
    if (!spike || event.quiet || lastSeen(event) < event.atMs - maxAgeMs) return undefined;
    const key = countsKey(name, event);
    const found = this.#rows.get(key)?.value;
    const seenMs = Math.min(event.seenMs ?? nowMs, nowMs);
    const counts = addMention(found?.kind === 'counts' ? found : undefined, spike, seenMs);
    if (!counts) return undefined;
    const begunMs = [undefined, ...entitiesIn(event)].map((id) => this.#begunMs(name, id));
    const finding = judge(counts, spike, Math.max(event.watchedMs ?? 0, ...begunMs));
    const isNews = finding.isAbove && isOnset(counts, spike, seenMs);
    const aboveMs = finding.isAbove ? Math.max(seenMs, counts.aboveMs ?? 0) : counts.aboveMs;
    const value = { kind: 'counts', ...counts, aboveMs } as const;
    this.#rows.put({ key, rule: name, factId: null, dueMs: nowMs + spanOf(spike), value });
    return { event, finding, isOnset: isNews };
  }

  #begunMs(rule: string, entityId: string | undefined): number {
    const found = this.#rows.get(begunKey(rule, entityId))?.value;
    return found?.kind === 'begun' ? found.atMs : 0;
  }
}

/** The row that says since when a rule counts. */
export function begunRow(rule: string, { bucketMs, buckets }: SpikeTest, atMs: number): Row {
  return { key: begunKey(rule), rule, factId: null, dueMs: null, value: { kind: 'begun', atMs, bucketMs, buckets } };
}

function isSame(one: Partial<SpikeTest>, other: SpikeTest): boolean {
  return one.bucketMs === other.bucketMs && one.buckets === other.buckets;
}
