import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { SourceRecord } from '../../src/consumers/record-source.ts';
import { RunningCli, runCli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { numberedId, numberedPost, StreamServer } from '../helpers/jetstream-server.ts';
import { kafkaBrokers, makeTopicsNamed, randomName, withoutKafka } from '../helpers/kafka-broker.ts';
import { makeSource, Opened, textOf } from '../helpers/kafka-member.ts';

const opened = new Opened();
afterEach(() => opened.release());

const COUNT = 400;
const log = Array.from({ length: COUNT }, (_, i) => numberedPost(i + 1));

/** Reads a topic from its beginning until the condition holds. */
async function readUntil(
  topic: string,
  enough: (records: readonly SourceRecord[]) => boolean,
): Promise<SourceRecord[]> {
  const { source } = await makeSource(opened, topic, randomName('g'));
  const records: SourceRecord[] = [];
  await source.run(async (record) => {
    records.push(record);
    record.done();
    if (enough(records)) source.stop();
  });
  return records;
}

test.skipIf(withoutKafka)(
  'posts of a live source reach the posts topic whatever kills it; frames that are none, the dead letters',
  async () => {
    const [posts, extractions, events] = ['posts', 'extractions', 'events'].map(randomName) as [string, string, string];
    await makeTopicsNamed(
      [posts, extractions, events].flatMap((topic) => [topic, `${topic}.dlt`]),
      2,
    );
    // One at a time, so that it is killed in the middle; from the cursor on, that one included.
    const server = await StreamServer.start({
      serve: ({ socket, url }) => {
        const cursor = url.searchParams.get('cursor');
        const rest = log.filter(({ time_us }) => time_us >= Number(cursor ?? 0));
        if (cursor === null) socket.send('half a fra');
        const timer = setInterval(() => {
          const frame = rest.shift();
          if (frame) socket.send(JSON.stringify(frame));
          else clearInterval(timer);
        }, 2);
        socket.on('close', () => clearInterval(timer));
      },
    });
    const env = {
      KAFKA_BROKERS: await kafkaBrokers(),
      KAFKA_TOPIC_POSTS: posts,
      KAFKA_TOPIC_EXTRACTIONS: extractions,
      KAFKA_TOPIC_EVENTS: events,
      BLUESKY_URL: `ws://127.0.0.1:${server.port}/subscribe`,
      SOURCE_STATE_DIR: join(await temporaryFolder(), 'state'),
    };
    for (let kills = 0; kills < 3; kills++) {
      await using running = new RunningCli(['source', 'bluesky'], { env });
      await server.until(() => server.connections.length === kills + 1);
      const connection = server.connections[kills];
      await new Promise<void>((resolve) => {
        const timer = setInterval(() => {
          if ((connection?.wire.bytesWritten ?? 0) < 40_000) return;
          clearInterval(timer);
          resolve();
        }, 5);
      });
      await running.end('SIGKILL');
    }
    await using last = new RunningCli(['source', 'bluesky', '--json'], { env });
    const wanted = new Set(log.map((_, i) => numberedId(i + 1)));
    const records = await readUntil(posts, (read) => new Set(read.map((record) => idOf(record))).size === COUNT);
    expect(new Set(records.map(idOf))).toEqual(wanted);
    expect(new Set(records.map((record) => Buffer.from(record.key ?? []).toString()))).toEqual(
      new Set(['did:plc:aaaa']),
    );
    expect(await last.end('SIGTERM')).toBe(0);
    expect(JSON.parse(last.stdout)).toMatchObject({ source: 'bluesky', connections: 1 });

    const [letter] = await readUntil(`${posts}.dlt`, (read) => read.length > 0);
    expect(textOf(letter as SourceRecord)).toBe('half a fra');
    expect(String(letter?.headers['x-error-class'])).toBe('parse');
    expect(String(letter?.headers['x-error-stage'])).toBe('source');
  },
  120_000,
);

test.skipIf(withoutKafka)('a missing topic is said before anything is read', async () => {
  const server = await StreamServer.start({ serve: () => {} });
  const env = {
    KAFKA_BROKERS: await kafkaBrokers(),
    KAFKA_TOPIC_POSTS: randomName('none'),
    BLUESKY_URL: `ws://127.0.0.1:${server.port}/subscribe`,
    SOURCE_STATE_DIR: join(await temporaryFolder(), 'state'),
  };
  const { code, stderr } = await runCli(['source', 'bluesky'], { env });
  expect(code).toBe(1);
  expect(stderr).toMatch(/do not exist; create them with "grapevine topics create"/);
  expect(server.handshakes).toBe(0);
});

function idOf(record: SourceRecord): string {
  return (JSON.parse(textOf(record)) as { id: string }).id;
}
