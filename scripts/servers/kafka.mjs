// @ts-check
/**
 * A real Kafka on loopback: one KRaft node, or a cluster of several.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ensureJars } from './jars.mjs';
import { Jvm, makeTemporaryFolder, removeTemporaryFolder } from './jvm.mjs';
import { ask, freePort, host } from './net.mjs';

/** @typedef {import('./kafka.d.mts').KafkaOptions} KafkaOptions */
/** @typedef {import('./kafka.d.mts').KafkaServers} KafkaServers */
/** @typedef {{ id: number, port: number, controllerPort: number, folder: string, jvm: Jvm | undefined }} Node */

/**
 * @param {Node} node
 * @param {readonly Node[]} nodes
 * @param {Readonly<Record<string, string | number | boolean>>} config
 * @param {Readonly<Record<string, import('./kafka.d.mts').Listener>>} listeners
 */
function properties(node, nodes, config, listeners) {
  const replicas = Math.min(nodes.length, 3);
  const inSync = Math.max(1, replicas - 1);
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': nodes.map(({ id, controllerPort }) => `${id}@${host}:${controllerPort}`).join(','),
    listeners: [
      `PLAINTEXT://${host}:${node.port}`,
      `CONTROLLER://${host}:${node.controllerPort}`,
      ...Object.entries(listeners).map(([name, listener]) => `${name}://${host}:${listener.port}`),
    ].join(','),
    'advertised.listeners': [
      `PLAINTEXT://${host}:${node.port}`,
      ...Object.entries(listeners).map(([name, listener]) => `${name}://${host}:${listener.port}`),
    ].join(','),
    'listener.security.protocol.map': [
      'PLAINTEXT:PLAINTEXT',
      'CONTROLLER:PLAINTEXT',
      ...Object.entries(listeners).map(([name, listener]) => `${name}:${listener.protocol}`),
    ].join(','),
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(node.folder, 'data').replaceAll('\\', '/'),
    'auto.create.topics.enable': false,
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    'group.initial.rebalance.delay.ms': 0,
    // A killed node can register again only after its session has run out; 9 s by default.
    'broker.session.timeout.ms': 4000,
    'broker.heartbeat.interval.ms': 500,
    'log.cleaner.dedupe.buffer.size': 16 << 20,
    ...config,
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

/** A Metadata request, version 1, for no topic: the answer lists the live brokers. */
const metadataRequest = Buffer.from([0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 1, 255, 255, 0, 0, 0, 0]);

/**
 * How many live brokers the broker at a port knows; 0 when it does not answer.
 * @param {number} port
 */
async function liveBrokers(port) {
  const answer = await ask(
    port,
    metadataRequest,
    (bytes) => bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0),
  );
  return answer === undefined || answer.length < 12 ? 0 : answer.readInt32BE(8);
}

/**
 * The id that the data of a cluster carries, made on first use.
 * @param {string} dataDir
 */
async function clusterId(dataDir) {
  const file = join(dataDir, 'cluster-id');
  if (!existsSync(file)) {
    const bytes = randomBytes(16);
    // An id that begins with a hyphen is taken for an option by Kafka's own tool.
    bytes.writeUInt8(bytes.readUInt8(0) & 0x7f, 0);
    await writeFile(file, bytes.toString('base64url'));
  }
  return (await readFile(file, 'utf8')).trim();
}

/**
 * Starts Kafka, fetching its jars first when they are missing, and waits until every broker answers and knows all others.
 * @param {KafkaOptions} [options]
 * @returns {Promise<KafkaServers>}
 */
export async function startKafka({
  dataDir,
  port,
  brokers = 1,
  config = {},
  listeners = {},
  format = [],
  heap = '512m',
  signal,
  onExit,
} = {}) {
  const jars = await ensureJars('kafka', { signal });
  const folder = dataDir === undefined ? await makeTemporaryFolder('grapevine-kafka') : resolve(dataDir);
  await mkdir(folder, { recursive: true });
  const id = await clusterId(folder);
  /** @type {Node[]} */
  const nodes = [];
  for (let i = 0; i < brokers; i++) {
    const nodePort = port === undefined ? await freePort() : port + i;
    nodes.push({
      id: i,
      port: nodePort,
      controllerPort: await freePort(),
      folder: join(folder, `node-${i}`),
      jvm: undefined,
    });
  }
  const nodeAt = (/** @type {number} */ i) =>
    nodes[i] ?? fail(`There is no Kafka node ${i}; the nodes are 0 to ${brokers - 1}.`);

  const starting = new AbortController();
  const calledOff = signal === undefined ? starting.signal : AbortSignal.any([signal, starting.signal]);

  /**
   * @param {Node} node
   * @param {number} expected how many live brokers it must know
   */
  const start = async (node, expected) => {
    const file = join(node.folder, 'server.properties');
    await mkdir(node.folder, { recursive: true });
    await writeFile(file, properties(node, nodes, config, listeners));
    node.jvm = new Jvm({
      title: brokers === 1 ? 'Kafka' : `Kafka node ${node.id}`,
      jars,
      source: 'KafkaServer.java',
      args: [file, id, ...format],
      heap,
      logFile: join(node.folder, 'server.log'),
      marker: 'Kafka Server started',
      answers: async () => (await liveBrokers(node.port)) >= expected,
      signal: calledOff,
      onExit,
    });
    await node.jvm.ready();
  };
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.jvm?.stop()));
    if (dataDir === undefined) await removeTemporaryFolder(folder);
  };

  // A node that fails leaves the others waiting for it, so the first failure calls them off.
  /** @type {unknown} */
  let failure;
  await Promise.all(
    nodes.map((node) =>
      start(node, brokers).catch((error) => {
        failure ??= error;
        starting.abort();
      }),
    ),
  );
  if (failure !== undefined) {
    await stop();
    throw failure;
  }
  return {
    brokers: nodes.map((node) => `${host}:${node.port}`).join(','),
    nodes: nodes.map((node) => ({
      id: node.id,
      port: node.port,
      address: `${host}:${node.port}`,
      logFile: join(node.folder, 'server.log'),
      get pid() {
        return node.jvm?.isRunning ? node.jvm.pid : undefined;
      },
    })),
    stop,
    kill: async (i, name = 'SIGKILL') => nodeAt(i).jvm?.kill(name),
    restart: async (i) => {
      const node = nodeAt(i);
      await node.jvm?.stop();
      await start(node, 1);
    },
  };
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  throw new RangeError(message);
}
