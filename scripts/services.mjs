#!/usr/bin/env node
// @ts-check
/**
 * Starts the real Kafka and Neo4j that the tests use (`npm run services`).
 */
import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureJars } from './servers/jars.mjs';
import { startKafka } from './servers/kafka.mjs';
import { startNeo4j } from './servers/neo4j.mjs';
import { isPortFree } from './servers/net.mjs';

const help = `Usage: npm run -s services [-- --data DIR]

Starts Kafka and Neo4j on free ports of 127.0.0.1 and, once both are ready, prints
KAFKA_BROKERS, GRAPH_URL, NEO4J_USERNAME and NEO4J_PASSWORD, a line each, on stdout.
Ctrl-C or SIGTERM ends both; a second one ends them at once. Needs a JDK 17 or newer,
and Maven the first time.

  --data DIR   keep the data in DIR, and its ports where they are free
  --help       show this text

Example:
  npm run -s services > services.env &
  # when the four lines are there:
  set -a; . ./services.env; set +a
  npx grapevine topics create
`;

/** @typedef {{ kafka?: number, neo4j?: number }} Ports */

/** Signals that end the servers, with this process's exit code. */
const exitCodes = { SIGTERM: 0, SIGINT: 130, SIGHUP: 129 };

/**
 * Ports that an earlier run used on the same data, so that clients find the servers again.
 * @param {string} file
 * @returns {Promise<Ports>}
 */
async function earlierPorts(file) {
  /** @type {Ports} */
  const ports = await readFile(file, 'utf8').then(JSON.parse, () => ({}));
  for (const name of /** @type {const} */ (['kafka', 'neo4j'])) {
    const port = ports[name];
    if (port === undefined || (await isPortFree(port))) continue;
    process.stderr.write(`Port ${port}, which ${name} had before, is taken; it gets another one\n`);
    delete ports[name];
  }
  return ports;
}

/**
 * Starts both servers; if one fails, the other is ended.
 * @param {string | undefined} dataDir
 * @param {AbortSignal} signal calls the start off
 * @param {(error: Error) => void} onFailure called when either does not start or ends by itself; it must abort the signal
 */
async function startBoth(dataDir, signal, onFailure) {
  const portsFile = dataDir && join(dataDir, 'ports.json');
  const ports = portsFile ? await earlierPorts(portsFile) : {};
  if (dataDir) await mkdir(dataDir, { recursive: true });
  // One after the other: two Mavens at once only get in each other's way.
  await ensureJars('kafka', { signal });
  await ensureJars('neo4j', { signal });
  process.stderr.write('Starting Kafka and Neo4j\n');
  const [kafka, neo4j] = await Promise.all([
    startKafka({ dataDir: dataDir && join(dataDir, 'kafka'), port: ports.kafka, signal, onExit: onFailure }).catch(
      onFailure,
    ),
    startNeo4j({ dataDir: dataDir && join(dataDir, 'neo4j'), port: ports.neo4j, signal, onExit: onFailure }).catch(
      onFailure,
    ),
  ]);
  const stop = async () => void (await Promise.all([kafka?.stop(), neo4j?.stop()]));
  if (!kafka || !neo4j || signal.aborted) {
    await stop();
    throw new Error('The start was called off.');
  }
  if (portsFile) await writeFile(portsFile, `${JSON.stringify({ kafka: kafka.nodes[0]?.port, neo4j: neo4j.port })}\n`);
  return { kafka, neo4j, stop };
}

/**
 * Calls back once, when a signal or the end of the npm that ran this asks to end; a second signal ends this process at once.
 * @param {(code: number) => void} onEnd
 */
function watchSignals(onEnd) {
  let asked = 0;
  const end = (/** @type {number} */ code) => {
    // npm passes on a Ctrl-C that the terminal has sent here too, so what comes within a second is the same request.
    if (asked !== 0 && Date.now() - asked > 1000) process.exit(code === 130 ? 130 : 1);
    if (asked !== 0) return;
    asked = Date.now();
    onEnd(code);
  };
  for (const [name, code] of Object.entries(exitCodes)) process.on(name, () => end(code));
  if (process.env.npm_lifecycle_event === undefined) return;
  const started = ancestors();
  setInterval(() => {
    if (asked === 0 && ancestors() !== started) end(0);
  }, 250).unref();
}

/**
 * The ids of this process's parent and grandparent. npm puts a shell in between, which does not pass signals on, so
 * a TERM that npm gets shows here as the end of the shell, and a KILL as the end of the grandparent (on Linux).
 */
function ancestors() {
  const parent = process.ppid;
  try {
    return `${parent} ${/^PPid:.*/m.exec(readFileSync(`/proc/${parent}/status`, 'utf8'))?.[0]}`;
  } catch {
    return `${parent}`;
  }
}

/** @param {string | undefined} dataDir */
async function serve(dataDir) {
  const abort = new AbortController();
  /** @type {(code: number) => void} */
  let finish = () => undefined;
  /** @type {Promise<number>} */
  const finished = new Promise((done) => {
    finish = done;
  });
  const end = (/** @type {number} */ code) => {
    finish(code);
    abort.abort();
  };
  const fail = (/** @type {Error} */ error) => {
    // The first reason counts; what the end of the rest reports only follows from it.
    if (!abort.signal.aborted) process.stderr.write(`${error.message}\n`);
    end(1);
  };
  watchSignals(end);
  try {
    const { kafka, neo4j, stop } = await startBoth(dataDir, abort.signal, fail);
    const { username, password, url } = neo4j;
    process.stdout.write(
      `KAFKA_BROKERS=${kafka.brokers}\nGRAPH_URL=${url}\nNEO4J_USERNAME=${username}\nNEO4J_PASSWORD=${password}\n`,
    );
    await finished;
    await stop();
  } catch (error) {
    fail(/** @type {Error} */ (error));
  }
  process.exit(await finished);
}

/** @returns {{ data?: string | undefined, help?: boolean | undefined } | undefined} */
function readArguments() {
  try {
    return parseArgs({ options: { data: { type: 'string' }, help: { type: 'boolean' } } }).values;
  } catch (error) {
    process.stderr.write(`${/** @type {Error} */ (error).message.replace(/\.?$/, '.')} See --help.\n`);
    return undefined;
  }
}

const given = readArguments();
if (given === undefined) process.exitCode = 2;
else if (given.help) process.stdout.write(help);
else await serve(given.data === undefined ? undefined : resolve(given.data));
