import { type Differences } from './compare.ts';
import type { Fault } from './faults/fault.ts';
import type { Broken, Felt } from './trace-counters.ts';

/** What a run was. */
export interface RunName {
  readonly seed: number;
  readonly faults: string;
  readonly graph: 'neo4j' | 'sqlite';
  readonly mutant?: string;
}

/** What a run amounts to. */
export interface Sums {
  /** Records whose sending was acknowledged. */
  readonly acked: number;
  /** Live posts, deleted posts, and distinct records among the dead letters. */
  readonly inGraph: number;
  readonly tombstoned: number;
  readonly deadLettered: number;
  readonly events: number;
  /** Acknowledged records that are not in the topic, and records in it whose transaction was called off. */
  readonly lostByBroker: number;
  readonly maxInFlight: number;
  readonly windowRecords: number;
  /** True where the graph's digest is that of an embedded run. */
  readonly equalsEmbedded: boolean;
  /** For each injury the time until everything it interrupted had its effect, milliseconds. */
  readonly recoveryMs: readonly number[];
}

/** The counters of one run: one line of JSON. */
export interface Ledger extends RunName, Sums, Differences, Broken, Felt {
  /** Why the run failed; empty when it did not. */
  readonly problems: readonly string[];
}

const ZERO = [
  'missing',
  'unexpected',
  'doubleEffects',
  'wrongSupport',
  'doubleEvents',
  'eventGaps',
  'unpublished',
  'wrongStory',
  'lostByBroker',
  'doneTooEarly',
  'committedAbove',
  'committedBack',
] as const;

/** What the counters of a run say against it. */
export function judge(counters: Omit<Ledger, 'problems'>): readonly string[] {
  const problems: string[] = ZERO.filter((name) => counters[name] !== 0).map((name) => `${name}: ${counters[name]}`);
  if (!counters.equalsEmbedded) problems.push('the graph is not that of an embedded run');
  if (counters.acked === 0) problems.push('nothing was sent');
  const { maxInFlight, windowRecords } = counters;
  if (maxInFlight > windowRecords) problems.push(`${maxInFlight} records in flight in a window of ${windowRecords}`);
  return problems;
}

/** The counters of a fault that should have moved and have not: the run did not hit what it aimed at. */
export function unproved(fault: Fault, felt: Felt): readonly string[] {
  return fault.proof
    .filter((name) => felt[name] < (fault.least ?? 1))
    .map((name) => `${fault.name} was not felt: ${name}: ${felt[name]}`);
}
