/**
 * A consumer in a process of its own, to be killed or stopped: prints each value it is given and finishes those below a
 * limit, the others when it gets SIGUSR2.
 */
import { createConsumerGauges } from '../../src/consumers/kafka/consumer-gauges.ts';
import { KafkaRecordSource } from '../../src/consumers/kafka/kafka-record-source.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { CLIENTS, type ClientName } from './group-consumers.ts';

const [client, brokers = '', topic = '', groupId = '', finishBelow = '0'] = process.argv.slice(2);
const logger = createLogger('error');
const settings = {
  brokers: brokers.split(','),
  clientId: 'reader',
  sessionTimeoutMs: 6_000,
  heartbeatMs: 500,
  retryMs: 1_000,
};
const telemetry = createTelemetry(logger);
const consumer = CLIENTS[client as ClientName]({ settings, topic, groupId, telemetry });
const gauges = createConsumerGauges(telemetry.registry);
const source = new KafkaRecordSource({ topic, consumer, telemetry, gauges, commitIntervalMs: 50 });
const open: (() => void)[] = [];
process.on('SIGUSR2', () => {
  for (const done of open.splice(0)) done();
});
await source.run(async (record) => {
  const value = Number(Buffer.from(record.value ?? []).toString());
  process.stdout.write(`${value}\n`);
  if (value < Number(finishBelow)) record.done();
  else open.push(() => record.done());
});
