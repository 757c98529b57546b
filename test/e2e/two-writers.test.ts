// Two processes that write to one Neo4j, short: see docs/reliability.md.
import { expect, test } from 'vitest';
import { available } from '../../scripts/servers/jars.mjs';
import { runTwoWriters } from '../faults/two-writers/run-two-writers.ts';

test.skipIf(!available().ok)(
  'two processes write the same posts while Neo4j is killed: nothing is lost, nothing comes back, each event is read once',
  { timeout: 600_000 },
  async () => {
    const ledger = await runTwoWriters({ seed: 20_260_101, seconds: 6 });
    process.stdout.write(`${JSON.stringify(ledger)}\n`);
    expect(ledger.problems).toEqual([]);
    expect(ledger.unlikeEmbedded).toBe(0);
    expect(Math.min(...ledger.retries)).toBeGreaterThan(0);
  },
);
