import type { GroundOptions } from '../ground.ts';
import { brokerFaults } from './brokers.ts';
import { databaseFaults } from './database.ts';
import type { Fault } from './fault.ts';
import { deaths } from './points.ts';
import { processFaults } from './processes.ts';

/** Every fault that a run can inflict. */
export const FAULTS: readonly Fault[] = [...deaths, ...processFaults, ...databaseFaults, ...brokerFaults];

/** The fault of a name. */
export function faultOf(name: string): Fault {
  const fault = FAULTS.find((known) => known.name === name);
  if (!fault) {
    throw new RangeError(`there is no fault ${name}; there are ${FAULTS.map((known) => known.name).join(', ')}`);
  }
  return fault;
}

/** True where a fault can happen on such servers. */
export function isPossible({ needs }: Fault, { graph, brokers }: GroundOptions): boolean {
  if (needs === 'neo4j') return graph === 'neo4j';
  return needs !== 'three-brokers' || brokers === 3;
}
