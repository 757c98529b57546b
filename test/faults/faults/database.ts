import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultRun } from '../fault-run.ts';
import type { Database } from '../ground.ts';
import type { Fault } from './fault.ts';
import { ADDS_EVENTS, COMMIT } from './points.ts';

const POSTS = 40;

function databaseOf({ ground }: FaultRun): Database {
  if (!ground.database) throw new Error('this fault needs Neo4j');
  return ground.database;
}

/** The database is killed and comes back with its data. */
const databaseDown: Fault = {
  name: 'db-down',
  needs: 'neo4j',
  proof: ['retried'],
  async inflict(run) {
    const { server } = databaseOf(run);
    const worker = run.start({ holdAfter: run.random.between(10, 30) });
    await run.send(POSTS);
    await run.seen('effects in the graph', (line) => line.what === 'durable' && line.stage === 'upsert', 3);
    await server.kill();
    run.injure();
    worker.release();
    await run.seen('a try in vain', (line) => line.what === 'counted' && line.of === 'graph', 1, run.begin);
    await server.restart();
    await run.send(POSTS);
  },
};

/** The database says nothing for longer than a session: the worker must keep its place in the group. */
const databaseSlow: Fault = {
  name: 'db-slow',
  needs: 'neo4j',
  proof: ['windowFull'],
  async inflict(run) {
    const { door } = databaseOf(run);
    run.start();
    await run.send(POSTS);
    await run.seen('effects in the graph', (line) => line.what === 'durable' && line.stage === 'upsert', 3);
    door.stall();
    run.injure();
    const since = run.trace.read().length;
    try {
      await run.send(POSTS);
      const isFull = (line: { what: string; stage?: string; inFlight?: number }) =>
        line.what === 'delivered' && line.stage === 'upsert' && (line.inFlight ?? 0) >= run.windowRecords;
      await run.seen('a full window', isFull);
      await sleep(run.sessionMs * 1.5);
    } finally {
      door.resume();
    }
    const joins = run.trace
      .read()
      .slice(since)
      .filter(({ what }) => what === 'joined');
    if (joins.length > 0) throw new Error('a worker lost its place in the group while the database was slow');
  },
};

/** The database commits, and the connection breaks before it can say so. */
const databaseReset: Fault = {
  name: 'db-reset',
  needs: 'neo4j',
  proof: ['answersLost', 'replayed'],
  async inflict(run) {
    const { door } = databaseOf(run);
    run.start();
    for (let times = run.random.between(1, 3); times > 0; times--) {
      const since = run.trace.read().length;
      const lost = door.dropAnswerTo(COMMIT, ADDS_EVENTS);
      const feed = run.feed();
      await lost;
      run.injure();
      run.trace.writer.write({ what: 'counted', name: 'reset', of: 'graph' });
      await run.seen('its repetition', (line) => line.what === 'stored', 1, since);
      await feed.stop();
    }
  },
};

/** What befalls the database. */
export const databaseFaults: readonly Fault[] = [databaseDown, databaseSlow, databaseReset];
