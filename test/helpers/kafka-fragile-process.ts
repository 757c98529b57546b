/** An extract-like consumer in a process of its own, which one kind of record kills at once; prints each value it finishes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createKafka } from '../../src/consumers/kafka/client.ts';
import { createConsumerGauges } from '../../src/consumers/kafka/consumer-gauges.ts';
import { KafkaDeadLetters } from '../../src/consumers/kafka/kafka-dead-letters.ts';
import { KafkaProducer } from '../../src/consumers/kafka/kafka-producer.ts';
import { KafkaRecordSource } from '../../src/consumers/kafka/kafka-record-source.ts';
import { KafkajsGroupConsumer } from '../../src/consumers/kafka/kafkajs-group-consumer.ts';
import { Window } from '../../src/consumers/runtime/window.ts';
import { runStage } from '../../src/consumers/stage.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';

const [brokers = '', topic = '', groupId = ''] = process.argv.slice(2);
const logger = createLogger('error');
const telemetry = createTelemetry(logger);
const settings = {
  brokers: brokers.split(','),
  clientId: 'fragile',
  sessionTimeoutMs: 6_000,
  heartbeatMs: 500,
  retryMs: 1_000,
};
const kafka = createKafka(settings, telemetry);
const source = new KafkaRecordSource({
  topic,
  consumer: new KafkajsGroupConsumer({ kafka, settings, topic, groupId, logger }),
  telemetry,
  gauges: createConsumerGauges(telemetry.registry),
  commitIntervalMs: 300,
  suspects: 200,
});
const producer = new KafkaProducer({
  kafka: createKafka(settings, telemetry),
  telemetry,
  ackTimeoutMs: 5_000,
  retryMs: 1_000,
});
process.on('SIGTERM', () => source.stop());
await runStage<string, string>({
  name: 'extract',
  source,
  window: new Window({ records: 20, bytes: 1 << 20 }),
  deadLetters: new KafkaDeadLetters({ producer, topic }),
  telemetry,
  abandon: new AbortController().signal,
  decode: (bytes) => ({ record: Buffer.from(bytes).toString() }),
  keyOf: (value) => value,
  prepare: async (value) => {
    if (value.startsWith('deadly')) process.kill(process.pid, 'SIGKILL');
    await sleep(5);
    return value;
  },
  apply: async (value) => void process.stdout.write(`${value}\n`),
});
await source[Symbol.asyncDispose]();
await producer[Symbol.asyncDispose]();
