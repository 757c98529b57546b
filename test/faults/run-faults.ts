import { cp } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ScannedRecord } from '../../src/consumers/kafka/scan-topics.ts';
import { compare, unexpectedLetters } from './compare.ts';
import { FaultRun, type FaultRunOptions } from './fault-run.ts';
import type { Fault } from './faults/fault.ts';
import { type Findings, look } from './findings.ts';
import { heal } from './ground.ts';
import { judge, type Ledger, unproved } from './ledger.ts';
import { referenceOf } from './reference.ts';
import { countFelt, findBroken, mostInFlight, recoveries } from './trace-counters.ts';

/** Which faults a run inflicts, one after the other. */
export interface FaultsOptions extends FaultRunOptions {
  readonly faults: readonly Fault[];
  /** Name of the mutant that the code is. */
  readonly mutant?: string;
  readonly log?: (line: string) => void;
  /** Folder that gets the trace and the logs of a run that failed. */
  readonly keep?: string;
}

/** Inflicts faults on a stream of posts, reads everything back, and gives the ledger. */
export async function runFaults(options: FaultsOptions): Promise<Ledger> {
  await using run = await FaultRun.open(options);
  const problems: string[] = [];
  try {
    for (const fault of options.faults) {
      run.begin = run.trace.read().length;
      run.trace.writer.write({ what: 'fault', name: fault.name });
      const started = Date.now();
      await fault.inflict(run);
      await run.settled();
      await run.stop();
      problems.push(...unproved(fault, countFelt(run.trace.read().slice(run.begin), run.windowRecords)));
      options.log?.(`${fault.name}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
    }
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
    run.sender.giveUp();
    await heal(options.ground);
    await run.stop().catch(() => {});
  }
  const { counters, letters } = await count(run, options);
  problems.push(...judge(counters), ...letters);
  if (options.keep && problems.length > 0)
    await cp(run.folder, join(options.keep, basename(run.folder)), { recursive: true });
  return { ...counters, problems };
}

async function count(run: FaultRun, options: FaultsOptions) {
  const { ground, seed, mutant } = options;
  const found = await look(run.kafka, run.topics, run.graph.behind);
  const { folder, imageRoot } = ground;
  const reference = await referenceOf(found.posts, { folder, name: run.topics.posts, imageRoot });
  const lines = run.trace.read();
  const states = found.lines.map((line) => JSON.parse(line) as { line: string; state?: string });
  const postsIn = (state: string) => states.filter((line) => line.line === 'post' && line.state === state).length;
  const counters: Omit<Ledger, 'problems'> = {
    seed,
    faults: options.faults.map(({ name }) => name).join('+'),
    graph: ground.options.graph,
    ...(mutant && { mutant }),
    acked: run.sender.acked.length,
    inGraph: postsIn('live'),
    tombstoned: postsIn('deleted'),
    deadLettered: reference.rejectedPosts.size + reference.rejectedExtractions.size,
    events: found.outbox.length,
    ...compare(found, reference),
    lostByBroker: lostByBroker(found.posts, run),
    equalsEmbedded: found.digest === reference.digest,
    ...findBroken(lines, { extract: offsetsOf(found.posts), upsert: offsetsOf(found.extractions) }),
    ...countFelt(lines, run.windowRecords),
    maxInFlight: mostInFlight(lines),
    windowRecords: run.windowRecords,
    recoveryMs: recoveries(lines),
  };
  return { counters, letters: unexpectedLetters(found, reference) };
}

function offsetsOf(records: Findings['posts']): ReadonlyMap<number, readonly number[]> {
  const offsets = new Map<number, number[]>();
  for (const { partition, offset } of records) {
    const known = offsets.get(partition);
    if (known) known.push(offset);
    else offsets.set(partition, [offset]);
  }
  return offsets;
}

/** Acknowledged records that are not there as often as they were acknowledged, and those that were called off. */
function lostByBroker(posts: readonly ScannedRecord[], { sender }: FaultRun): number {
  const there = new Map<string, number>();
  for (const { value } of posts) there.set(String(value), (there.get(String(value)) ?? 0) + 1);
  let lost = sender.calledOff.filter((value) => there.has(value)).length;
  for (const value of sender.acked) {
    const left = there.get(value) ?? 0;
    if (left === 0) lost++;
    there.set(value, left - 1);
  }
  return lost;
}
