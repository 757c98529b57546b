import fc from 'fast-check';
import { expect, it } from 'vitest';
import { splitBegun } from '../../../src/consumers/kafka/begun.ts';
import { decodeDone } from '../../../src/consumers/kafka/done-set.ts';
import type { CommittedOffset, FetchedBatch, GroupConsumer } from '../../../src/consumers/kafka/group-consumer.ts';
import { Intake, type KafkaRecord } from '../../../src/consumers/kafka/intake.ts';
import { OffsetCommitter } from '../../../src/consumers/kafka/offset-committer.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createTelemetry } from '../../../src/telemetry/telemetry.ts';

const telemetry = createTelemetry(createLogger('silent'));
const PARTITIONS = [0, 1, 2];

/** The topic as it is, what the group keeps, and what is really finished: what a process holds is not in here. */
interface World {
  readonly logs: readonly (readonly number[])[];
  readonly kept: Map<number, CommittedOffset>;
  readonly finished: readonly Set<number>[];
  /** Where the member reads on, of the partitions that it has. */
  readonly positions: Map<number, number>;
}

const endOf = (log: readonly number[]) => (log.at(-1) ?? 0) + 3;

/** A process: the intake and its committer, and the records it was given. */
class Member {
  readonly intake: Intake;
  readonly committer: OffsetCommitter;
  readonly given: KafkaRecord[] = [];
  answer: 'committed' | 'fenced' | 'failed' = 'committed';

  constructor(world: World) {
    const consumer: Pick<GroupConsumer, 'commit' | 'committed'> = {
      commit: async (offsets) => {
        if (this.answer === 'failed') throw new Error('no answer');
        if (this.answer === 'committed') for (const [partition, mark] of offsets) world.kept.set(partition, mark);
        return this.answer;
      },
      committed: async (partitions) => new Map([...world.kept].filter(([partition]) => partitions.includes(partition))),
    };
    const bounds = { records: 1_000, bytes: 1 << 20 };
    const recall = consumer.committed;
    const beside = { recall, announce: async () => {}, suspects: 10 };
    this.intake = new Intake({ topic: 't', telemetry, bounds, pause: () => {}, ...beside });
    const { assignment } = this.intake;
    this.committer = new OffsetCommitter({ topic: 't', telemetry, assignment, consumer: consumer as GroupConsumer });
  }

  join(world: World, partitions: readonly number[], sameMember: boolean): void {
    const kept = this.given.filter((record) => partitions.includes(record.partition) && !record.isStale?.());
    this.intake.join(partitions, sameMember);
    for (const record of kept) expect(record.isStale?.()).toBe(!sameMember);
    world.positions.clear();
    for (const partition of partitions) world.positions.set(partition, world.kept.get(partition)?.offset ?? 0);
  }

  async fetch(world: World, partition: number, count: number): Promise<void> {
    const position = world.positions.get(partition);
    const log = world.logs[partition] ?? [];
    const records = log.filter((offset) => offset >= (position ?? 0)).slice(0, count);
    if (position === undefined || records.length === 0) return;
    const isLast = records.at(-1) === log.at(-1);
    const nextOffset = isLast ? endOf(log) : (records.at(-1) as number) + 1;
    const batch: FetchedBatch = {
      partition,
      nextOffset,
      endOffset: endOf(log),
      records: records.map((offset) => ({ offset, key: null, value: null, headers: {}, timestampMs: 0 })),
      heartbeat: async () => {},
    };
    await this.intake.take(batch);
    world.positions.set(partition, nextOffset);
    while (this.intake.queue.records > 0) this.#give((await this.intake.queue.next())?.record as KafkaRecord);
  }

  finish(world: World, record: KafkaRecord): void {
    if (!record.isStale?.()) world.finished[record.partition]?.add(record.offset);
    record.done();
  }

  #give(record: KafkaRecord): void {
    // What it still works on, or has finished, of this assignment does not come again.
    const same = this.given.filter(
      ({ partition, offset }) => partition === record.partition && offset === record.offset,
    );
    for (const earlier of same) expect(earlier.isStale?.()).toBe(true);
    this.given.push(record);
  }
}

type Command = fc.AsyncCommand<World, { member: Member }>;
type Act = (world: World, real: { member: Member }) => void | Promise<void>;

/** After each command: what the group takes for finished is finished, and no mark goes back. */
function command(name: string, act: Act): Command {
  return {
    check: () => true,
    toString: () => name,
    async run(world, real) {
      const before = new Map(world.kept);
      await act(world, real);
      for (const [partition, { offset, metadata }] of world.kept) {
        expect(offset).toBeGreaterThanOrEqual(before.get(partition)?.offset ?? 0);
        const runs = decodeDone(offset, splitBegun(metadata).text);
        const claimed = (one: number) => one < offset || runs.some(({ from, to }) => one >= from && one < to);
        for (const one of world.logs[partition] ?? []) {
          if (claimed(one)) expect(world.finished[partition], `${partition}@${one}`).toContain(one);
        }
      }
    },
  };
}

/** Another member reads some of a partition and commits that. */
function otherReads(world: World, partition: number, count: number): void {
  const from = world.kept.get(partition)?.offset ?? 0;
  const log = world.logs[partition] ?? [];
  const read = log.filter((offset) => offset >= from).slice(0, count);
  for (const offset of read) world.finished[partition]?.add(offset);
  if (read.length > 0) world.kept.set(partition, { offset: (read.at(-1) as number) + 1, metadata: '' });
}

const partitions = fc.subarray(PARTITIONS);
const commands = fc.commands(
  [
    fc
      .tuple(fc.constantFrom(...PARTITIONS), fc.integer({ min: 1, max: 6 }))
      .map(([partition, count]) =>
        command(`fetch ${count} of ${partition}`, (world, { member }) => member.fetch(world, partition, count)),
      ),
    fc.nat().map((pick) =>
      command(`finish ${pick}`, (world, { member }) => {
        const record = member.given[pick % (member.given.length || 1)];
        if (record) member.finish(world, record);
      }),
    ),
    fc.constantFrom('committed' as const, 'fenced' as const, 'failed' as const).map((answer) =>
      command(`commit: ${answer}`, async (_, { member }) => {
        member.answer = answer;
        await member.committer.commit();
      }),
    ),
    // Partitions are revoked and assigned, some of them while another member works on them.
    fc.tuple(partitions, fc.boolean(), fc.nat(4)).map(([mine, sameMember, count]) =>
      command(`join with ${mine}, ${sameMember ? 'as before' : 'anew'}, others read ${count}`, (world, { member }) => {
        member.join(world, mine, sameMember);
        for (const partition of PARTITIONS) if (!mine.includes(partition)) otherReads(world, partition, count);
      }),
    ),
    partitions.map((mine) =>
      command(`restart with ${mine}`, (world, real) => {
        real.member = new Member(world);
        real.member.join(world, mine, false);
      }),
    ),
  ],
  { maxCommands: 60, size: 'max' },
);

it('loses nothing and doubles nothing through revokes, reassignments, restarts and failed commits', async () => {
  const logs = fc.tuple(...PARTITIONS.map(() => fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 20 })));
  await fc.assert(
    fc.asyncProperty(logs, commands, async (unsorted, sequence) => {
      const world: World = {
        logs: unsorted.map((log) => log.toSorted((a, b) => a - b)),
        kept: new Map(),
        finished: PARTITIONS.map(() => new Set<number>()),
        positions: new Map(),
      };
      const real = { member: new Member(world) };
      real.member.join(world, PARTITIONS, false);
      await fc.asyncModelRun(() => ({ model: world, real }), sequence);
      // Whatever happened before, one member that works on reaches the end of every partition.
      const { member } = real;
      member.join(world, PARTITIONS, true);
      for (const partition of PARTITIONS) await member.fetch(world, partition, 100);
      for (const record of member.given) member.finish(world, record);
      // What was refused is offered again, although nothing has moved since.
      for (const answer of ['fenced', 'failed', 'committed'] as const) {
        member.answer = answer;
        await member.committer.commit();
      }
      for (const [partition, log] of world.logs.entries()) {
        expect([...(world.finished[partition] ?? [])].toSorted((a, b) => a - b)).toEqual(log);
        expect(member.intake.assignment.trackers.get(partition)?.pending).toBe(0);
        expect(world.kept.get(partition)?.offset).toBeGreaterThan(log.at(-1) ?? 0);
      }
    }),
    { numRuns: 200 },
  );
});
