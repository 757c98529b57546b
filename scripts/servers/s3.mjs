// @ts-check
/**
 * A real S3-compatible server on loopback: S3Proxy over a folder.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureJars } from './jars.mjs';
import { Jvm, makeTemporaryFolder, removeTemporaryFolder } from './jvm.mjs';
import { ask, freePort, host } from './net.mjs';

/** @typedef {import('./s3.d.mts').S3Options} S3Options */
/** @typedef {import('./s3.d.mts').S3Server} S3Server */

/** @param {number} port */
async function speaksHttp(port) {
  const answer = await ask(port, Buffer.from(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`), (bytes) => bytes.length >= 12);
  return answer?.toString('latin1').startsWith('HTTP/1.1') ?? false;
}

/**
 * Starts the server, fetching its jars first when they are missing, and waits until it answers.
 * @param {S3Options} options
 * @returns {Promise<S3Server>}
 */
export async function startS3({ buckets, signal, onExit }) {
  const jars = await ensureJars('s3', { signal });
  const folder = await makeTemporaryFolder('grapevine-s3');
  const data = join(folder, 'data');
  // To this server a bucket is a folder.
  for (const bucket of buckets) await mkdir(join(data, bucket), { recursive: true });
  const port = await freePort();
  const secretAccessKey = 'grapevine-test';
  const jvm = new Jvm({
    title: 'S3Proxy',
    jars,
    source: 'S3Server.java',
    args: [data, String(port)],
    heap: '256m',
    logFile: join(folder, 'server.log'),
    marker: 'S3 started',
    input: `${secretAccessKey}\n`,
    answers: () => speaksHttp(port),
    signal,
    onExit,
  });
  const stop = async () => {
    await jvm.stop();
    await removeTemporaryFolder(folder);
  };
  await jvm.ready().catch(async (error) => {
    await stop();
    throw error;
  });
  return {
    endpoint: `http://${host}:${port}`,
    accessKeyId: 'grapevine',
    secretAccessKey,
    folder: data,
    stop,
    kill: (name = 'SIGKILL') => jvm.kill(name),
  };
}
