import type { Fault } from './fault.ts';

const POSTS = 50;

/** A worker is asked to end in the middle of its work. */
const sigterm: Fault = {
  name: 'sigterm',
  proof: ['drained'],
  async inflict(run) {
    const first = run.start();
    await run.send(POSTS);
    await run.seen('effects', (line) => line.what === 'durable', run.random.between(5, 30));
    run.injure();
    await first.terminate();
    run.start();
  },
};

/**
 * A worker is stopped with posts in its hands for longer than its session, another takes its place, and then it comes
 * back: its late commit is fenced, and what it still holds is dropped.
 */
const zombie: Fault = {
  name: 'zombie',
  proof: ['fenced', 'staleDropped', 'redelivered'],
  async inflict(run) {
    const stopped = { point: 'before-offset-commit', stage: 'extract', time: 1, signal: 'SIGSTOP' } as const;
    const undead = run.start({ failAt: { ...stopped, whileHolding: true }, holdAfter: run.random.between(3, 10) });
    await run.send(POSTS);
    await run.seen('the stopped worker', (line) => line.what === 'point');
    run.start();
    await run.settled();
    const since = run.trace.read().length;
    undead.wake();
    await run.seen('its fence', (line) => line.what === 'counted' && line.name === 'fenced', 1, since);
    const isBack = (line: { what: string; who: string; stage?: string }) =>
      line.what === 'joined' && line.who === undead.who && line.stage === 'extract';
    await run.seen('its return', isBack, 1, since);
    undead.release();
    await run.seen('what it drops', (line) => line.what === 'counted' && line.name === 'stale', 1, since);
    await run.send(POSTS / 2);
  },
};

/** One worker becomes four, and these two, while posts stream in. */
const scale: Fault = {
  name: 'scale-1-4-2',
  proof: ['workers'],
  least: 4,
  async inflict(run) {
    const first = run.start();
    await run.send(POSTS);
    await run.seen('effects of the first worker', (line) => line.what === 'durable');
    const feed = run.feed();
    const [second, third, fourth] = [run.start(), run.start(), run.start()];
    for (const { who } of [second, third, fourth]) {
      await run.seen(`effects of ${who}`, (line) => line.what === 'durable' && line.who === who);
    }
    run.injure();
    await Promise.all([first.terminate(), run.random.of([second, third, fourth]).terminate()]);
    await feed.stop();
  },
};

/** What befalls consumer processes from outside. */
export const processFaults: readonly Fault[] = [sigterm, zombie, scale];
