// What alerts cost and how soon they come: events a second with a thousand rules, and the time from a post to its webhook.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as ConfigModule from '../src/config.ts';
import type { Judging, Waking } from './contenders/alerts.ts';
import { startBroker } from './harness/broker.ts';
import { built } from './harness/built.ts';
import { startNode } from './harness/child.ts';
import { processTime } from './harness/machine.ts';
import type { Row } from './harness/question.ts';
import type { Section } from './harness/report.ts';
import { cleanFigure } from './harness/results.ts';
import { type Run, runRounds } from './harness/rounds.ts';
import { startConsuming, startServed } from './harness/served.ts';
import type { JudgeSlice, WakeSlice } from './harness/slices.ts';
import { quantile } from './harness/statistics.ts';

/** How alerts are measured. */
export interface AlertsBench {
  readonly rounds: number;
  tell(line: string): void;
}

const RULES = 1_000;
const JUDGED_POSTS = 3_000;
/** Posts of a slice. */
const WOKEN = 5;
const MOST_ROUNDS = 8;
const JUDGE = 'rules';
const SERVE = 'serve';
const CONSUME = 'consume all';

/** Measures with nothing else to do: no settle, no group, no other post. */
export async function benchAlerts({ rounds, tell }: AlertsBench): Promise<Section[]> {
  const { loadConfig } = await built<typeof ConfigModule>('config.ts');
  const folder = mkdtempSync(join(tmpdir(), 'grapevine-bench-'));
  try {
    await using judge = startNode('alerts.ts');
    await using served = startNode('alerts.ts');
    await using consumed = startNode('alerts.ts');
    await using broker = await startBroker();
    const topics = { posts: 'woken', extractions: 'woken-extractions', events: 'woken-events' };
    await broker.makeTopics(
      Object.values(topics).flatMap((topic) => [topic, `${topic}.dlt`]),
      1,
    );
    await using api = await startServed(await settingsOf('serve', await served.ask('receive', undefined), folder));
    await using consumer = await startConsuming({
      ...(await settingsOf('consume', await consumed.ask('receive', undefined), folder)),
      KAFKA_BROKERS: broker.brokers,
      KAFKA_TOPIC_POSTS: topics.posts,
      KAFKA_TOPIC_EXTRACTIONS: topics.extractions,
      KAFKA_TOPIC_EVENTS: topics.events,
    });
    const judging: Judging = { rules: RULES, posts: JUDGED_POSTS, batch: loadConfig({}).UPSERT_BATCH };
    const waking: Waking = { posts: WOKEN, url: api.url };
    const throughKafka: Waking = { ...waking, kafka: { brokers: broker.brokers, topic: topics.posts } };
    tell('loading the model');
    await served.ask('wake', { ...waking, posts: 1 });
    await consumed.ask('wake', { ...throughKafka, posts: 1 });
    const contenders = [
      { name: JUDGE, slice: () => judge.ask<JudgeSlice>('judge', judging) },
      { name: SERVE, slice: () => served.ask<WakeSlice>('wake', waking) },
      { name: CONSUME, slice: () => consumed.ask<WakeSlice>('wake', throughKafka) },
    ];
    const pids = [judge.pid, served.pid, consumed.pid, api.pid, consumer.pid, ...broker.pids];
    const cpuSeconds = () => pids.reduce((sum, pid) => sum + processTime(pid), 0);
    const run = await runRounds(
      { contenders, cpuSeconds },
      { rounds: Math.min(rounds, MOST_ROUNDS), seconds: 0, tell },
    );
    return [
      { title: `alerts: ${RULES} rules, on SQLite`, rows: judgeRows(run) },
      {
        title: 'alerts: from a post to its webhook, nothing held back',
        rows: [...wakeRows(run, SERVE), ...wakeRows(run, CONSUME)],
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function settingsOf(name: string, receiver: string, folder: string): Promise<Readonly<Record<string, string>>> {
  const rules = join(folder, `${name}.yaml`);
  writeFileSync(
    rules,
    `channels: {bench: {kind: json, url: "${receiver}"}}\nrules: [{name: Links, when: fact.created, channels: [bench]}]\n`,
  );
  return {
    GRAPH_URL: `sqlite:${join(folder, `${name}.db`)}`,
    ALERT_RULES: rules,
    ALERT_HTTPS_ONLY: 'false',
    ALERT_PRIVATE_NETWORKS: '127.0.0.0/8',
  };
}

function judgeRows(run: Run): Row[] {
  const slices = slicesOf<JudgeSlice>(run, JUDGE);
  const row = (what: string, valueOf: (slice: JudgeSlice) => number, target: Partial<Row> = {}): Row => {
    return { what, unit: 'events/s', figure: cleanFigure(run, slices.map(valueOf), [JUDGE]), ...target };
  };
  const [{ events, alerts } = { events: 0, alerts: 0 }] = slices;
  const note = `${events} events, ${alerts} alerts`;
  return [
    row('events a second', ({ events: count, seconds }) => count / seconds, { note }),
    row('events for a second of one processor', ({ events: count, cpuSeconds }) => count / cpuSeconds, {
      atLeast: 500,
    }),
  ];
}

function wakeRows(run: Run, name: string): Row[] {
  const slices = slicesOf<WakeSlice>(run, name);
  const row = (what: string, share: number, target: Partial<Row> = {}): Row => {
    const values = slices.map(({ times }) =>
      quantile(
        times.toSorted((a, b) => a - b),
        share,
      ),
    );
    return { what: `${name}, ${what}`, unit: 'ms', figure: cleanFigure(run, values, [name]), ...target };
  };
  return [row('p50', 0.5, { atMost: 500 }), row('the slowest', 1)];
}

function slicesOf<T>(run: Run, name: string): readonly T[] {
  return (run.slices.get(name) ?? []).map(({ slice }) => slice as T);
}
