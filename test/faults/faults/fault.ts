import type { FaultRun } from '../fault-run.ts';
import type { Felt } from '../trace-counters.ts';

/** Something that goes wrong. */
export interface Fault {
  readonly name: string;
  /** Servers without which it cannot happen. */
  readonly needs?: 'neo4j' | 'three-brokers';
  /** Counters that show that it was felt. */
  readonly proof: readonly (keyof Felt)[];
  /** What each of them must reach. @default 1 */
  readonly least?: number;
  /** Starts workers, sends posts and breaks something. Afterwards what still works must be able to finish. */
  inflict(run: FaultRun): Promise<void>;
}
