// npm run prove: breaks things under the streaming consumers and proves that no post is lost and none counts twice.
// See docs/reliability.md. Exits 1 when a run fails, or when a mutant is not noticed.
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FAULTS, faultOf } from '../test/faults/faults/catalogue.ts';
import type { Fault } from '../test/faults/faults/fault.ts';
import { type Ground, startGround } from '../test/faults/ground.ts';
import type { Ledger } from '../test/faults/ledger.ts';
import { hunt } from '../test/faults/mutants/hunt.ts';
import { MUTANTS, mutantOf } from '../test/faults/mutants/mutate.ts';
import { runFaults } from '../test/faults/run-faults.ts';
import { putInto, tableOf } from '../test/faults/table.ts';
import { runTwoWriters } from '../test/faults/two-writers/run-two-writers.ts';
import { proveCli } from '../test/oracle/prove-cli.ts';
import { setUp } from './setup.mjs';

const HELP = `Usage: npm run prove -- [options]

  --seeds N          seeds of each fault, from --seed on (default 1)
  --seed N           first seed (default 1): the same seed sends the same posts and breaks at the same places
  --faults A,B       faults (default all): ${FAULTS.map(({ name }) => name).join(', ')},
                     two-writers, which sets two processes on one Neo4j,
                     and cli, which kills the shipped command line with the real model
  --graph KIND       neo4j or sqlite (default neo4j)
  --posts FILE       posts of cli (default the demo's)
  --kills N          kills of cli (default 5)
  --seconds N        how long two-writers write (default 60)
  --mutants [A,B]    switches off one defence at a time instead: each run must fail (default all)
  --write            writes the table into docs/reliability.md
  --keep DIR         copies traces and logs of failed runs there

One JSON object a run on stdout; progress and the table on stderr.
`;
const PAGE = fileURLToPath(new URL('../docs/reliability.md', import.meta.url));
const say = (line: string) => process.stderr.write(`${line}\n`);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    faults: { type: 'string' },
    graph: { type: 'string', default: 'neo4j' },
    posts: { type: 'string', default: 'examples/demo/posts.jsonl' },
    kills: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '60' },
    mutants: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    keep: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const graph = values.graph === 'sqlite' ? 'sqlite' : 'neo4j';
const firstSeed = Number(values.seed);
if (values.help) process.stdout.write(HELP);
else process.exitCode = (await (values.mutants ? proveMutants(positionals) : proveFaults())) ? 0 : 1;

/** Runs every fault with every seed on servers of its own kind; true when all runs are clean. */
async function proveFaults(): Promise<boolean> {
  const names = values.faults?.split(',') ?? [...FAULTS.map(({ name }) => name), 'two-writers', 'cli'];
  const faults = names.filter((name) => name !== 'cli' && name !== 'two-writers').map(faultOf);
  let clean = true;
  if (names.includes('cli')) {
    setUp();
    const report = await proveCli({ graph, posts: values.posts, kills: Number(values.kills), log: say });
    process.stdout.write(`${JSON.stringify(report)}\n`);
    clean &&= report.equalsEmbedded;
  }
  if (names.includes('two-writers')) clean = (await proveTwoWriters()) && clean;
  const possible = faults.filter(({ needs }) => graph === 'neo4j' || needs !== 'neo4j');
  for (const { name } of faults.filter((fault) => !possible.includes(fault))) say(`${name} needs Neo4j: left out`);
  const ledgers = [
    ...(await proveOn(
      1,
      possible.filter(({ needs }) => needs !== 'three-brokers'),
    )),
    ...(await proveOn(
      3,
      possible.filter(({ needs }) => needs === 'three-brokers'),
    )),
  ];
  if (ledgers.length > 0) await show(ledgers);
  return clean && ledgers.every(({ problems }) => problems.length === 0);
}

/** Sets two processes on one Neo4j, once for each seed; true when all is well. */
async function proveTwoWriters(): Promise<boolean> {
  if (graph !== 'neo4j') {
    say('two-writers needs Neo4j: left out');
    return true;
  }
  let clean = true;
  for (let seed = firstSeed; seed < firstSeed + Number(values.seeds); seed++) {
    const ledger = await runTwoWriters({ seed, seconds: Number(values.seconds), log: say });
    process.stdout.write(`${JSON.stringify(ledger)}\n`);
    say(`two-writers, seed ${seed}: ${ledger.problems.length === 0 ? 'clean' : ledger.problems.join('; ')}`);
    clean &&= ledger.problems.length === 0;
  }
  return clean;
}

async function proveOn(brokers: 1 | 3, faults: readonly Fault[]): Promise<readonly Ledger[]> {
  if (faults.length === 0) return [];
  say(`starting ${brokers === 1 ? 'a broker' : 'three brokers'}${graph === 'neo4j' ? ' and Neo4j' : ''}`);
  await using ground: Ground = await startGround({ graph, brokers });
  const ledgers: Ledger[] = [];
  for (const fault of faults) {
    for (let seed = firstSeed; seed < firstSeed + Number(values.seeds); seed++) {
      const ledger = await runFaults({ ground, seed, faults: [fault], ...(values.keep && { keep: values.keep }) });
      ledgers.push(ledger);
      process.stdout.write(`${JSON.stringify(ledger)}\n`);
      say(`${fault.name}, seed ${seed}: ${ledger.problems.length === 0 ? 'clean' : ledger.problems.join('; ')}`);
    }
  }
  return ledgers;
}

async function show(ledgers: readonly Ledger[]): Promise<void> {
  const [cpu] = cpus();
  const machine = `${cpus().length} x ${cpu?.model.trim()}, Node ${process.versions.node}, graph ${graph}`;
  const command = `npm run prove -- ${process.argv.slice(2).join(' ')}`.trim();
  const table = tableOf(ledgers, { command, machine, at: new Date() });
  say(`\n${table}`);
  if (values.write) await writeFile(PAGE, putInto(await readFile(PAGE, 'utf8'), table));
}

/** Runs mutants; true when every one of them is noticed. */
async function proveMutants(names: readonly string[]): Promise<boolean> {
  const mutants = names.length === 0 ? MUTANTS : names.flatMap((list) => list.split(',')).map(mutantOf);
  await using ground = await startGround({ graph, brokers: 1 });
  let noticed = 0;
  for (const mutant of mutants) {
    const { ledger, isNoticed } = await hunt(mutant, ground, firstSeed);
    process.stdout.write(`${JSON.stringify(ledger)}\n`);
    say(`${isNoticed ? 'noticed' : 'NOT NOTICED'}: without ${mutant.without} (${mutant.name}, ${mutant.fault})`);
    if (isNoticed) noticed++;
  }
  say(`${noticed} of ${mutants.length} mutants noticed`);
  return noticed === mutants.length;
}
