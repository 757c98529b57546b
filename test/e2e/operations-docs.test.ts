import { expect, test } from 'vitest';
import { RunningCli, runCli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { kafkaBrokers, randomName, withoutKafka } from '../helpers/kafka-broker.ts';
import { makeProducer, Opened } from '../helpers/kafka-member.ts';
import { bash, scriptsOf } from '../helpers/shell.ts';

test.skipIf(withoutKafka)('the commands of the page of operations do what they say', async () => {
  const opened = new Opened();
  const folder = await temporaryFolder();
  const name = randomName('operations');
  const env = {
    KAFKA_BROKERS: await kafkaBrokers(),
    KAFKA_GROUP_PREFIX: name,
    KAFKA_TOPIC_POSTS: `${name}-posts`,
    KAFKA_TOPIC_EXTRACTIONS: `${name}-extractions`,
    KAFKA_TOPIC_EVENTS: `${name}-events`,
  };
  expect((await runCli(['topics', 'create'], { env })).code).toBe(0);
  const producer = await makeProducer(opened);
  await producer.send({ topic: env.KAFKA_TOPIC_POSTS, key: 'a', value: 'no post' });
  const consumer = opened.add(new RunningCli(['consume', 'extract', '--http-port', '0'], { env }));
  const [, url = ''] = await consumer.waitFor(/health and metrics: (\S+)/);
  const rejected = async () =>
    (await (await fetch(`${url}/metrics`)).text()).match(/records_rejected_total\{.*\} (\d+)/)?.[1];
  await expect.poll(rejected, { timeout: 120_000, interval: 200 }).toBe('1');

  const { code, stdout, stderr } = await bash(scriptsOf('docs/operations.md').join('\n'), folder, env);
  expect(`${code} ${stderr}`).toMatch(/^0 /);
  expect(stdout).toMatch(/extract parse: /);
  expect(stdout).toMatch(/^\{"topic":.*"class":"parse".*\}$/m);
  expect(stdout).toMatch(/would be sent back to operations/);
  expect(stdout).toMatch(/1 of 1 dead letters were sent back/);
  // It is still no post, and ends where it was.
  await expect.poll(rejected, { timeout: 120_000, interval: 200 }).toBe('2');
  await opened.release();
});
