// @ts-check
/**
 * Loopback ports and one-shot requests, for servers that are started by scripts.
 */
import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';

export const host = '127.0.0.1';

// Below the range from which systems take the local port of outgoing connections: a client that keeps
// reconnecting to a dead server can otherwise be given the server's own port, and block its restart.
const firstPort = 20_000;
const lastPort = 32_000;

/** @type {Set<number>} */
const given = new Set();

/**
 * Whether nothing listens on a loopback port.
 * @param {number} port
 * @returns {Promise<boolean>}
 */
export function isPortFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * A loopback port that nothing listens on; never the same one twice in a process.
 * @returns {Promise<number>}
 */
export async function freePort() {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(firstPort, lastPort);
    if (given.has(port) || !(await isPortFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(
    `No free port was found between ${firstPort} and ${lastPort} on ${host}; stop some servers, then try again.`,
  );
}

/**
 * Sends one request to a loopback port and gives the answer.
 * @param {number} port
 * @param {Buffer} request
 * @param {(answer: Buffer) => boolean} complete Whether the bytes so far are the whole answer.
 * @returns {Promise<Buffer | undefined>} undefined when there is no whole answer within 3 s.
 */
export function ask(port, request, complete) {
  return new Promise((resolve) => {
    let answer = Buffer.alloc(0);
    const socket = connect({ port, host }, () => socket.write(request));
    /** @param {Buffer} [whole] */
    const finish = (whole) => {
      socket.destroy();
      resolve(whole);
    };
    socket.setTimeout(3000, () => finish());
    socket.on('error', () => finish());
    socket.on('close', () => finish());
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (complete(answer)) finish(answer);
    });
  });
}
