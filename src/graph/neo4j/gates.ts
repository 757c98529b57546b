import { integer, type Run } from './client.ts';

/** Transactions that write posts go through one of these; one that takes a decision shuts all. */
const GATES = 16;

/** A gate for one process: few meet at the same one. */
export function chooseGate(): number {
  return Math.floor(Math.random() * GATES);
}

/** Waits until no decision is being taken, and keeps one from being taken, until the transaction ends. */
export async function passGate(run: Run, gate: number): Promise<void> {
  await run('MERGE (g:Gate {number: $gate}) SET g.lock = true', { gate: integer(gate) });
}

/** Waits until no other transaction writes posts, and keeps any from it, until the transaction ends. */
export async function shutGates(run: Run): Promise<void> {
  await run('UNWIND range(0, $last) AS number MERGE (g:Gate {number: number}) SET g.lock = true', {
    last: integer(GATES - 1),
  });
}
