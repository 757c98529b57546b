import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { HttpImageLoader, type HttpImageOptions } from '../../src/consumers/images/http-image-loader.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';

/** A web server of this machine that a test asks for pictures. */
export interface PictureServer extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** What it was asked for, in order. */
  readonly requests: readonly IncomingMessage[];
  /** Connections so far. */
  readonly connections: () => number;
}

/** Starts a web server on a free port. */
export async function startPictureServer(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
  host = '127.0.0.1',
): Promise<PictureServer> {
  const requests: IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    response.on('error', () => {});
    answer(request, response, requests.push(request));
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    port,
    requests,
    connections: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A loader for which 127.0.0.1 is the public Internet and everything else, 127.0.0.2 included, is not. */
export function loopbackLoader(options: Partial<HttpImageOptions> = {}): HttpImageLoader {
  return new HttpImageLoader({
    events: silentEvents(),
    rules: { allowAddress: (address) => address === '127.0.0.1', allowPort: () => true },
    ...options,
  });
}

/** Events nobody reads. */
export function silentEvents(): HttpImageOptions['events'] {
  return createTelemetry(createLogger('silent')).events;
}
