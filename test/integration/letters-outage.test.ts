/** Dead letters are listed and sent back by a person who waits: an outage is told, not waited for. */
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { available } from '../../scripts/servers/jars.mjs';
import { type KafkaServers, startKafka } from '../../scripts/servers/kafka.mjs';
import { createKafka } from '../../src/consumers/kafka/client.ts';
import { listLetters, replayLetters } from '../../src/consumers/kafka/letters.ts';
import { scanTopics } from '../../src/consumers/kafka/scan-topics.ts';
import { kafkaSettings, quietTelemetry, randomName } from '../helpers/kafka-broker.ts';
import { makeProducer, Opened, range } from '../helpers/kafka-member.ts';

const LETTERS = 16;
const opened = new Opened();

describe.skipIf(!available().ok)('dead letters while the broker dies', () => {
  const topic = randomName('t');
  const letters = `${topic}.dlt`;
  let servers: KafkaServers;

  const scanning = async () => ({
    kafka: createKafka(await kafkaSettings({ brokers: [servers.brokers] }), quietTelemetry()),
    groupPrefix: randomName('g'),
    signal: new AbortController().signal,
  });

  beforeAll(async () => {
    servers = await startKafka();
    const admin = (await scanning()).kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic }, { topic: letters, numPartitions: 2 }] });
    await admin.disconnect();
    const producer = await makeProducer(opened, { brokers: [servers.brokers] });
    // More than one answer of the broker holds.
    const value = 'x'.repeat(400_000);
    for (const i of range(0, LETTERS)) await producer.send({ topic: letters, key: `${i}`, value, headers: {} });
    await opened.release();
  });
  afterAll(async () => {
    await opened.release();
    await servers.stop();
  });

  it('ends a scan with what failed', async () => {
    const killed = new AbortController();
    const scan = scanTopics([letters], await scanning(), async () => {
      if (killed.signal.aborted) return;
      await servers.kill(0);
      killed.abort();
    });
    const failed = expect(scan).rejects.toMatchObject({ code: 'KAFKA_FAILED', message: /^reading .*\.dlt: / });
    if (!killed.signal.aborted) await once(killed.signal, 'abort');
    await failed;
    await servers.restart(0);
  });

  it('ends sending back with what was not acknowledged', async () => {
    const options = await scanning();
    const found = await listLetters([letters], options, {});
    expect(found).toHaveLength(LETTERS);
    const producer = await makeProducer(opened, { brokers: [servers.brokers] });
    const sent: string[] = [];
    const onReplayed = async (letter: (typeof found)[number]) => {
      sent.push(`${letter.partition}@${letter.offset}`);
      if (sent.length === 1) await servers.kill(0);
    };
    const replay = replayLetters(found, options, { producer, perSecond: 1, ackMs: 3_000, onReplayed });
    await expect(replay).rejects.toMatchObject({ code: 'KAFKA_FAILED', message: expect.stringContaining('.dlt') });
    expect(sent.length).toBeLessThan(LETTERS);
    await opened.release();
    await servers.restart(0);
    const left = await listLetters([letters], await scanning(), {});
    expect(left).toHaveLength(LETTERS - sent.length);
  });
});
