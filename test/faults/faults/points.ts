import type { Database } from '../ground.ts';
import type { FailAt } from '../worker/orders.ts';
import type { Fault } from './fault.ts';

const POSTS = 40;

/** Bolt: the message that commits a transaction. */
export const COMMIT = Buffer.from([0x00, 0x02, 0xb0, 0x12, 0x00, 0x00]);
/** In a statement of a transaction that changes facts, the last before it commits. */
export const ADDS_EVENTS = 'MERGE (o:Outbox';

/** A worker kills itself in the middle of its work, and another takes over. */
function killAt(failAt: Omit<FailAt, 'signal' | 'time'>, latest: number, proof: Fault['proof']): Fault {
  return {
    name: failAt.point,
    proof: ['killed', ...proof],
    async inflict(run) {
      const time = run.random.between(1, latest);
      const victim = run.start({ failAt: { ...failAt, time, signal: 'SIGKILL' } });
      await run.send(POSTS);
      await run.end(victim);
      run.start();
    },
  };
}

/** The worker is killed when its commit has left it and has not reached the database. */
const beforeTxCommit: Fault = {
  name: 'before-tx-commit',
  proof: ['killed', 'redelivered'],
  async inflict(run) {
    const { database } = run.ground;
    if (!database) return killAt({ point: 'before-tx-commit' }, 4, []).inflict(run);
    const victim = run.start();
    await run.send(POSTS / 2);
    const caught = catchCommit(database);
    await run.send(POSTS / 2);
    await caught;
    run.injure();
    await victim.kill();
    run.start();
  },
};

function catchCommit({ door }: Database): Promise<void> {
  return door.holdBack(COMMIT, ADDS_EVENTS);
}

const duringDrain: Fault = {
  name: 'during-drain',
  proof: ['killed', 'redelivered'],
  async inflict(run) {
    const time = run.random.between(1, 4);
    const victim = run.start({ failAt: { point: 'during-drain', time, signal: 'SIGKILL' } });
    await run.send(POSTS * 2);
    await run.seen('effects of the first worker', (line) => line.what === 'durable', run.random.between(5, 20));
    await victim.terminate();
    run.start();
  },
};

const duringJoin: Fault = {
  name: 'during-join',
  proof: ['killed', 'redelivered'],
  async inflict(run) {
    // Its first join is its own, the second one comes when another worker wants a share.
    const failAt: FailAt = { point: 'during-join', stage: 'extract', time: 2, signal: 'SIGKILL' };
    const victim = run.start({ failAt, holdAfter: run.random.between(5, 20) });
    await run.send(POSTS);
    await run.seen('effects of the first worker', (line) => line.what === 'durable');
    run.start();
    await run.end(victim);
  },
};

/** Deaths at each named point. */
export const deaths: readonly Fault[] = [
  killAt({ point: 'after-fetch' }, 3, ['redelivered']),
  killAt({ point: 'after-download' }, 4, ['redelivered']),
  killAt({ point: 'after-infer' }, 30, ['redelivered']),
  beforeTxCommit,
  killAt({ point: 'after-tx-commit-before-ack' }, 4, ['redelivered', 'replayed']),
  killAt({ point: 'before-offset-commit' }, 4, ['redelivered']),
  killAt({ point: 'before-publish' }, 3, []),
  killAt({ point: 'after-publish' }, 3, []),
  duringDrain,
  duringJoin,
];
