// @ts-check
/**
 * Kafka and Neo4j in containers, for machines with Docker and without a JDK. Not run where Grapevine is developed:
 * there is no Docker engine there.
 */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './net.mjs';

const READY_MS = 120_000;
const PASSWORD = 'grapevine-test';

/** Whether a Docker engine answers. */
export function dockerAvailable() {
  return spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 10_000 }).status === 0;
}

/** Starts both servers on free ports of 127.0.0.1 and waits until they answer; `env` names them as the settings do. */
export async function startInDocker() {
  const [kafkaPort, neo4jPort] = [await freePort(), await freePort()];
  /** @type {string[]} */
  const containers = [];
  const stop = async () => {
    for (const name of containers) spawnSync('docker', ['rm', '--force', name], { stdio: 'ignore' });
  };
  try {
    containers.push(runContainer(kafkaPort, 9092, 'apache/kafka:4.1.0', kafkaEnvironment(kafkaPort)));
    containers.push(runContainer(neo4jPort, 7687, 'neo4j:5.26-community', { NEO4J_AUTH: `neo4j/${PASSWORD}` }));
    await Promise.all([ready(kafkaPort), ready(neo4jPort)]);
  } catch (error) {
    await stop();
    throw error;
  }
  const env = {
    KAFKA_BROKERS: `127.0.0.1:${kafkaPort}`,
    GRAPH_URL: `bolt://127.0.0.1:${neo4jPort}`,
    NEO4J_USERNAME: 'neo4j',
    NEO4J_PASSWORD: PASSWORD,
  };
  return { env, stop };
}

/** @param {number} port */
function kafkaEnvironment(port) {
  return {
    KAFKA_NODE_ID: '1',
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
    KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
  };
}

/**
 * @param {number} port
 * @param {number} inside
 * @param {string} image
 * @param {Readonly<Record<string, string>>} env
 */
function runContainer(port, inside, image, env) {
  const name = `grapevine-test-${randomUUID().slice(0, 8)}`;
  const settings = Object.entries(env).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
  const args = ['run', '-d', '--rm', '--name', name, '-p', `127.0.0.1:${port}:${inside}`, ...settings, image];
  const { status, stderr } = spawnSync('docker', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`starting ${image} in Docker: ${stderr.trim().split('\n').at(-1)}`);
  return name;
}

/** Waits until the server behind a published port speaks: Docker's own proxy accepts connections and ends them before. */
async function ready(/** @type {number} */ port) {
  const end = Date.now() + READY_MS;
  while (Date.now() < end) {
    if (await staysOpen(port)) return;
    await sleep(500);
  }
  throw new Error(`waiting for the container on port ${port}: it did not answer within ${READY_MS / 1000} s`);
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function staysOpen(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (/** @type {boolean} */ open) => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(1000, () => done(true));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
  });
}
