import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import { connectKafka, createMissingTopics } from '../../../src/main-kafka.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createTelemetry } from '../../../src/telemetry/telemetry.ts';

const telemetry = createTelemetry(createLogger('silent'));

test.each([
  ['nonsense', 'nonsense'],
  ['127.0.0.1:1, other', 'other'],
  ['host:', 'host:'],
  [':9092', ':9092'],
  ['host:0', 'host:0'],
  ['host:65536', 'host:65536'],
  ['host:9092x', 'host:9092x'],
  ['kafka://host:9092', 'kafka://host:9092'],
  ['[::1]:9092', '[::1]:9092'],
])('KAFKA_BROKERS=%s is a wrong setting that names %s', async (KAFKA_BROKERS, bad) => {
  const config = loadConfig({ KAFKA_BROKERS });
  const expected = {
    code: 'CONFIG_INVALID',
    message: `connecting to Kafka: KAFKA_BROKERS holds "${bad}"; expected HOST:PORT, several separated by commas`,
  };
  await expect(connectKafka(config, telemetry)).rejects.toMatchObject(expected);
  await expect(createMissingTopics(config, telemetry)).rejects.toMatchObject(expected);
});

test('brokers may stand between spaces and empty places', async () => {
  const config = loadConfig({ KAFKA_BROKERS: ' 127.0.0.1:1 ,, localhost:1,' });
  await expect(connectKafka(config, telemetry)).rejects.toMatchObject({
    code: 'KAFKA_UNREACHABLE',
    message: expect.stringContaining('connecting to Kafka at 127.0.0.1:1, localhost:1: '),
  });
});
