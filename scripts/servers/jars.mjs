// @ts-check
/**
 * Fetches the server jars of Kafka and Neo4j from a Maven repository into a cache folder, once per version.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** @typedef {'kafka' | 'neo4j' | 's3'} ServerName */
/** @typedef {{ title: string, version: string, artifacts: readonly string[] }} ServerPackage */

/** @type {Readonly<Record<ServerName, ServerPackage>>} */
const packages = {
  kafka: {
    title: 'Kafka',
    version: '4.1.0',
    artifacts: ['org.apache.kafka:kafka_2.13:4.1.0', 'org.slf4j:slf4j-simple:1.7.36'],
  },
  neo4j: { title: 'Neo4j', version: '5.26.16', artifacts: ['org.neo4j:neo4j:5.26.16'] },
  s3: { title: 'S3Proxy', version: '2.6.0', artifacts: ['org.gaul:s3proxy:2.6.0'] },
};
const copyGoal = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
const oldestJava = 17;
const windows = process.platform === 'win32';
const installHint = `install a JDK ${oldestJava} or newer (Debian and Ubuntu: apt-get install openjdk-17-jdk-headless maven; macOS: brew install openjdk@17 maven)`;

/** Folder that holds one sub-folder of jars per server and version. */
export function serversDir() {
  const { GRAPEVINE_SERVERS_DIR, XDG_CACHE_HOME } = process.env;
  return GRAPEVINE_SERVERS_DIR || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'grapevine', 'servers');
}

/** Path of the `java` command: the one of JAVA_HOME, else the one on the PATH. */
export function javaCommand() {
  const home = process.env.JAVA_HOME;
  return home ? join(home, 'bin', windows ? 'java.exe' : 'java') : 'java';
}

/** @param {ServerName} name */
function jarsPath(name) {
  return join(serversDir(), `${name}-${packages[name].version}`);
}

function hasMaven() {
  const names = windows ? ['mvn.cmd', 'mvn.bat'] : ['mvn'];
  return (process.env.PATH ?? '')
    .split(delimiter)
    .some((folder) => names.some((name) => existsSync(join(folder, name))));
}

/** What is wrong with the Java at hand, or undefined when it can run both servers. */
function javaProblem() {
  const command = javaCommand();
  // One call tells both the version and whether the source launcher (a JDK, not a JRE) is there.
  const { status, stdout } = spawnSync(command, ['--list-modules'], { encoding: 'utf8' });
  if (status === null) return `Java was not found (tried "${command}"): ${installHint}.`;
  const version = Number(/^java\.base@(\d+)/m.exec(stdout)?.[1] ?? 8);
  if (status !== 0 || version < oldestJava)
    return `Java at "${command}" is older than ${oldestJava}: ${installHint}, or point JAVA_HOME at one.`;
  return stdout.includes('jdk.compiler@')
    ? undefined
    : `Java at "${command}" is a runtime without a compiler: ${installHint}, or point JAVA_HOME at one.`;
}

/** @type {{ problem: string | undefined } | undefined} */
let javaChecked;

/** Throws, with how to get it, unless a JDK that can run both servers is at hand. */
export function requireJava() {
  javaChecked ??= { problem: javaProblem() };
  if (javaChecked.problem !== undefined) throw new Error(javaChecked.problem);
}

/**
 * Whether the real servers can be started on this machine; does not touch the network.
 * @returns {{ ok: true } | { ok: false, reason: string }} `reason` says what is missing and how to get it.
 */
export function available() {
  try {
    requireJava();
  } catch (error) {
    return { ok: false, reason: /** @type {Error} */ (error).message };
  }
  if (hasMaven() || (existsSync(jarsPath('kafka')) && existsSync(jarsPath('neo4j')))) return { ok: true };
  return {
    ok: false,
    reason: `The server jars are not in ${serversDir()} and Maven, which fetches them, was not found: ${installHint}.`,
  };
}

/** @param {readonly string[]} artifacts */
function pom(artifacts) {
  const dependencies = artifacts.map((artifact) => {
    const [group, id, version] = artifact.split(':');
    return `<dependency><groupId>${group}</groupId><artifactId>${id}</artifactId><version>${version}</version></dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>grapevine</groupId><artifactId>servers</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependencies.join('\n')}</dependencies></project>\n`;
}

/**
 * @param {string} folder holds pom.xml and receives lib/
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<void>}
 */
function runMaven(folder, signal) {
  const args = [
    '-q',
    '-B',
    '-C',
    '-f',
    join(folder, 'pom.xml'),
    copyGoal,
    '-DincludeScope=runtime',
    `-DoutputDirectory=${join(folder, 'lib')}`,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn('mvn', args, { stdio: ['ignore', 'pipe', 'pipe'], shell: windows, signal });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      const lines = output
        .split('\n')
        .filter((line) => line.includes('ERROR'))
        .slice(0, 3);
      if (code === 0) resolve();
      else reject(new Error(`mvn ended with code ${code}: ${lines.join(' ') || output.slice(-500)}`));
    });
  });
}

/**
 * @param {ServerName} name
 * @param {AbortSignal | undefined} signal
 */
async function fetchJars(name, signal) {
  const { title, version, artifacts } = packages[name];
  const target = jarsPath(name);
  if (!hasMaven())
    throw new Error(
      `The ${title} ${version} jars are not in ${target} and Maven, which fetches them, was not found: ${installHint}.`,
    );
  process.stderr.write(`Fetching ${title} ${version} with Maven into ${target} (once, under a minute)\n`);
  await mkdir(serversDir(), { recursive: true });
  const folder = await mkdtemp(join(serversDir(), `.${name}-`));
  try {
    await writeFile(join(folder, 'pom.xml'), pom(artifacts));
    // A second try, because another Maven that writes the same local repository can make the first one fail.
    await runMaven(folder, signal).catch((error) =>
      signal?.aborted ? Promise.reject(error) : runMaven(folder, signal),
    );
    await rename(join(folder, 'lib'), target);
  } catch (error) {
    // Another process may have finished first; its folder is complete, because folders appear by rename only.
    if (existsSync(target)) return;
    const what = /** @type {Error} */ (error).message;
    throw new Error(
      `Fetching the ${title} ${version} jars failed; check that Maven reaches a repository, then try again. ${what}`,
      { cause: error },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Folder with all jars of a server, fetched first when it is missing (one progress line on stderr).
 * Safe when several processes do it at once.
 * @param {ServerName} name
 * @param {{ signal?: AbortSignal | undefined }} [options] `signal` ends the fetch.
 * @returns {Promise<string>}
 */
export async function ensureJars(name, { signal } = {}) {
  requireJava();
  const target = jarsPath(name);
  if (!existsSync(target)) await fetchJars(name, signal);
  return target;
}
