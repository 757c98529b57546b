// What a consumer says of itself while its database is slow, gone, or loses an answer: cases 66 and 67 of the list of bad inputs.
import { describe, expect, test } from 'vitest';
import { RunningCli, runCli } from '../helpers/cli.ts';
import { kafkaBrokers, randomName, withoutKafka } from '../helpers/kafka-broker.ts';
import { makeProducer, Opened } from '../helpers/kafka-member.ts';
import { startTcpProxy } from '../helpers/tcp-proxy.ts';

const graph = process.env['GRAPH_URL'] ?? '';
const waitUpTo = (timeout: number) => ({ timeout, interval: 100 });

/** An extraction as the extract consumer writes it. */
function extraction(id: string, deleted = false): string {
  const post = {
    id,
    platform: 'x',
    author: { id: randomName('a') },
    createdAt: '2026-05-15T09:00:00.000Z',
    version: '0',
  };
  const text = 'Ana Lima moves to Lisbon';
  return JSON.stringify({
    schema: 1,
    post: { ...post, text, images: [], ...(deleted && { deleted: true }) },
    extractor: { bundle: 'names', generation: 1 },
    images: [],
    mentions: [
      { id: 0, start: 0, end: 8, text: 'Ana Lima', type: 'PER', p: 0.9 },
      { id: 1, start: 18, end: 24, text: 'Lisbon', type: 'LOC', p: 0.9 },
    ],
    relations: [{ type: '/per/loc/place_of_residence', head: 0, tail: 1, p: 0.8 }],
  });
}

async function ask(url: string, path: string): Promise<{ readonly status: number; readonly body: string }> {
  const response = await fetch(url + path);
  return { status: response.status, body: await response.text() };
}

describe.skipIf(withoutKafka || !/^(neo4j|bolt)/.test(graph))('an upsert consumer', () => {
  test('tells a stall from an outage, loses nothing and doubles nothing', async () => {
    const opened = new Opened();
    const name = randomName('health');
    const door = opened.add(await startTcpProxy(Number(new URL(graph).port)));
    const topics = { posts: `${name}-p`, extractions: `${name}-x`, events: `${name}-e` };
    const env = {
      KAFKA_BROKERS: await kafkaBrokers(),
      KAFKA_GROUP_PREFIX: name,
      KAFKA_TOPIC_POSTS: topics.posts,
      KAFKA_TOPIC_EXTRACTIONS: topics.extractions,
      KAFKA_TOPIC_EVENTS: topics.events,
      GRAPH_URL: `bolt://127.0.0.1:${door.port}`,
      NEO4J_PASSWORD: process.env['NEO4J_PASSWORD'] ?? '',
      NEO4J_RETRY_MS: '1000',
      HEALTH_STALL_MS: '2000',
      LOG_LEVEL: 'silent',
    };
    expect((await runCli(['topics', 'create'], { env })).code).toBe(0);
    const producer = await makeProducer(opened);
    let sent = 0;
    const send = (value = extraction(`${name}-${sent}`)) => {
      sent++;
      return producer.send({ topic: topics.extractions, key: `${sent}`, value });
    };
    await using consumer = new RunningCli(['consume', 'upsert', '--http-port', '0'], { env });
    await expect.poll(() => consumer.stderr, waitUpTo(30_000)).toMatch(/health and metrics: (\S+)/);
    const [, url = ''] = /health and metrics: (\S+)/.exec(consumer.stderr) ?? [];
    const health = () => ask(url, '/healthz');
    const ready = () => ask(url, '/readyz');
    const metric = async (line: RegExp) => Number(line.exec((await ask(url, '/metrics')).body)?.[1] ?? 0);
    const stored = () => metric(/posts_upserted_total\{outcome="created"\} (\d+)/);

    await expect.poll(ready, waitUpTo(30_000)).toEqual({ status: 200, body: 'ready\n' });
    await send();
    await expect.poll(stored, waitUpTo(30_000)).toBe(1);
    expect(await health()).toEqual({ status: 200, body: 'ok\n' });
    expect((await ask(url, '/metrics')).body).toMatch(/stage_seconds_count\{stage="upsert",step="apply"\} 1/);

    // The database takes its time: nothing moves, and that is not healthy.
    door.stall();
    await send();
    await expect.poll(health, waitUpTo(30_000)).toMatchObject({
      status: 503,
      body: expect.stringContaining('upsert: none of 1 records was finished for'),
    });
    door.resume();
    await expect.poll(health, waitUpTo(30_000)).toMatchObject({ status: 200 });
    await expect.poll(stored, waitUpTo(30_000)).toBe(2);

    // The database is gone: not ready, but another process would fare no better.
    door.refuse();
    await send();
    await expect.poll(ready, waitUpTo(60_000)).toEqual({ status: 503, body: 'upsert: graph does not answer\n' });
    expect(await metric(/circuit_open\{dependency="graph"\} (\d)/)).toBe(1);
    await expect.poll(() => metric(/consumer_stalled_seconds\{\S+\} (\S+)/), waitUpTo(30_000)).toBeGreaterThan(2);
    expect(await health()).toMatchObject({ status: 200 });
    await send();
    door.accept();
    await expect.poll(stored, waitUpTo(60_000)).toBe(4);
    await expect.poll(ready, waitUpTo(30_000)).toMatchObject({ status: 200 });
    expect(await metric(/circuit_open\{dependency="graph"\} (\d)/)).toBe(0);

    // The database commits and its answer is lost: the second try changes nothing.
    const before = await metric(/dependency_retries_total\{dependency="graph"\} (\d+)/);
    void door.dropAnswerTo(`${name}-4`);
    await send();
    const settled = () => metric(/posts_upserted_total\{outcome="(?:created|unchanged)"\} (\d+)/);
    await expect.poll(settled, waitUpTo(30_000)).toBeGreaterThan(0);
    await send();
    await expect
      .poll(
        async () => (await stored()) + (await metric(/posts_upserted_total\{outcome="unchanged"\} (\d+)/)),
        waitUpTo(60_000),
      )
      .toBe(6);
    expect(await metric(/dependency_retries_total\{dependency="graph"\} (\d+)/)).toBeGreaterThanOrEqual(before);

    // Nothing of this was a record's fault.
    expect(await metric(/records_rejected_total\{\S+\} (\d+)/)).toBe(0);
    expect(await consumer.end('SIGTERM')).toBe(0);
    await opened.release();
  });
});
