import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultRun } from '../fault-run.ts';
import type { Fault } from './fault.ts';

const POSTS = 40;

/** Every broker is gone for a while, and comes back with its data. */
const brokerDown: Fault = {
  name: 'broker-down',
  proof: ['retried'],
  async inflict(run) {
    const { kafka } = run.ground;
    const worker = run.start({ holdAfter: run.random.between(10, 30) });
    await run.send(POSTS);
    await run.seen('effects in the graph', (line) => line.what === 'durable' && line.stage === 'upsert', 3);
    await Promise.all(kafka.nodes.map((_, node) => kafka.kill(node)));
    run.injure();
    const sending = run.insist(POSTS);
    worker.release();
    await run.seen('a try in vain', (line) => line.what === 'counted' && line.of === 'kafka', 1, run.begin);
    await sleep(run.random.between(0, 3_000));
    await Promise.all(kafka.nodes.map((_, node) => kafka.restart(node)));
    await sending;
  },
};

/** The leader of a partition dies, another broker takes over, and it comes back later. */
const leaderMoved: Fault = {
  name: 'leader-moved',
  needs: 'three-brokers',
  proof: ['leadersMoved'],
  async inflict(run) {
    const { kafka } = run.ground;
    const worker = run.start({ holdAfter: run.random.between(10, 30) });
    await run.send(POSTS);
    await run.seen('effects in the graph', (line) => line.what === 'durable' && line.stage === 'upsert', 3);
    const leader = (await leadersOf(run)).get(0) ?? 0;
    await kafka.kill(leader);
    run.injure();
    const sending = run.insist(POSTS);
    worker.release();
    await moveFrom(run, leader);
    await sending;
    await run.settled();
    await kafka.restart(leader);
    await run.send(POSTS);
  },
};

/** Waits until partition 0 has another leader. */
async function moveFrom(run: FaultRun, leader: number): Promise<void> {
  for (;;) {
    const now = (await leadersOf(run).catch(() => new Map<number, number>())).get(0) ?? -1;
    if (now >= 0 && now !== leader) break;
    run.trace.throwIfFailed();
    await sleep(100);
  }
  run.trace.writer.write({ what: 'counted', name: 'moved', of: 'leader' });
}

async function leadersOf(run: FaultRun): Promise<Map<number, number>> {
  const admin = run.kafka.admin();
  try {
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: [run.topics.posts] });
    return new Map(topics[0]?.partitions.map(({ partitionId, leader }) => [partitionId, leader]));
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** What befalls brokers. */
export const brokerFaults: readonly Fault[] = [brokerDown, leaderMoved];
