// The fault run, short: every fault once, on a Kafka and a Neo4j of its own, and a few defences switched off. See docs/reliability.md.
import { expect, test } from 'vitest';
import { available } from '../../scripts/servers/jars.mjs';
import { FAULTS, faultOf, isPossible } from '../faults/faults/catalogue.ts';
import { type GroundOptions, startGround } from '../faults/ground.ts';
import { hunt } from '../faults/mutants/hunt.ts';
import { mutantOf } from '../faults/mutants/mutate.ts';
import { runFaults } from '../faults/run-faults.ts';

const SEED = 20_260_101;
const without = !available().ok;

async function faultsOn(options: GroundOptions, names: readonly string[]) {
  await using ground = await startGround(options);
  const faults = names.map(faultOf).filter((fault) => isPossible(fault, options));
  expect(faults).toHaveLength(names.length);
  return await runFaults({ ground, seed: SEED, faults });
}

test.skipIf(without)(
  'killed at each named point, stopped, scaled, without broker and without database, nothing is lost and nothing counts twice',
  { timeout: 480_000 },
  async () => {
    const names = FAULTS.filter(({ needs }) => needs !== 'three-brokers').map(({ name }) => name);
    const ledger = await faultsOn({ graph: 'neo4j', brokers: 1 }, names);
    process.stdout.write(`${JSON.stringify(ledger)}\n`);
    expect(ledger.problems).toEqual([]);
    expect(ledger).toMatchObject({ missing: 0, doubleEffects: 0, equalsEmbedded: true });
  },
);

// Once more where the brokers themselves lost what they had acknowledged (`lostByBroker`), as a busy machine brought them to do.
test.skipIf(without)('a leader that dies hands over without loss', { timeout: 600_000, retry: 1 }, async () => {
  const ledger = await faultsOn({ graph: 'sqlite', brokers: 3 }, ['leader-moved']);
  expect(ledger.problems).toEqual([]);
});

// Once more where a worker was stopped while it made the tables of SQLite: it keeps the lock, and the run does not end.
test.skipIf(without)('a run without one of the defences fails', { timeout: 600_000, retry: 1 }, async () => {
  await using ground = await startGround({ graph: 'sqlite', brokers: 1 });
  // `npm run prove -- --mutants` takes all of them.
  for (const name of ['ack-at-fetch', 'no-fence', 'no-version-gate']) {
    const { ledger, isNoticed } = await hunt(mutantOf(name), ground, SEED);
    expect(isNoticed, `${name}: ${ledger.problems.join('; ')}`).toBe(true);
  }
});
