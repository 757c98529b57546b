// @ts-check
/**
 * A real Neo4j Community on loopback.
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ensureJars } from './jars.mjs';
import { Jvm, makeTemporaryFolder, removeTemporaryFolder } from './jvm.mjs';
import { ask, freePort, host } from './net.mjs';

/** @typedef {import('./neo4j.d.mts').Neo4jOptions} Neo4jOptions */
/** @typedef {import('./neo4j.d.mts').Neo4jServer} Neo4jServer */

/** The opening of a Bolt connection: its magic number, then versions 5.8 down to 5.0 and three empty places. */
const boltHandshake = Buffer.from([0x60, 0x60, 0xb0, 0x17, 0, 8, 8, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

/** @param {number} port */
async function speaksBolt(port) {
  const answer = await ask(port, boltHandshake, (bytes) => bytes.length >= 4);
  return answer?.[3] === 5;
}

/**
 * Starts Neo4j, fetching its jars first when they are missing, and waits until Bolt accepts connections.
 * @param {Neo4jOptions} [options]
 * @returns {Promise<Neo4jServer>}
 */
export async function startNeo4j({
  dataDir,
  port,
  password = 'grapevine-test',
  heap = '768m',
  isMeasured,
  signal,
  onExit,
} = {}) {
  const jars = await ensureJars('neo4j', { signal });
  const folder = dataDir === undefined ? await makeTemporaryFolder('grapevine-neo4j') : resolve(dataDir);
  await mkdir(folder, { recursive: true });
  const boltPort = port ?? (await freePort());
  const logFile = join(folder, 'server.log');
  const launch = () =>
    new Jvm({
      title: 'Neo4j',
      jars,
      source: 'Neo4jServer.java',
      args: [folder, String(boltPort)],
      heap,
      isMeasured,
      logFile,
      marker: 'Neo4j started',
      // On stdin rather than in the arguments, which every user of the machine can list.
      input: `${password}\n`,
      answers: () => speaksBolt(boltPort),
      signal,
      onExit,
    });

  let jvm = launch();
  const stop = async () => {
    await jvm.stop();
    if (dataDir === undefined) await removeTemporaryFolder(folder);
  };
  await jvm.ready().catch(async (error) => {
    await stop();
    throw error;
  });
  return {
    url: `neo4j://${host}:${boltPort}`,
    username: 'neo4j',
    password,
    port: boltPort,
    logFile,
    get pid() {
      return jvm.isRunning ? jvm.pid : undefined;
    },
    stop,
    kill: (name = 'SIGKILL') => jvm.kill(name),
    restart: async () => {
      await jvm.stop();
      jvm = launch();
      await jvm.ready();
    },
  };
}
