import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { BLUESKY_POST, changed } from './source-frames.ts';

/** One connection that a server has had. */
export interface ServerConnection {
  readonly socket: WebSocket;
  /** The bare connection below it. */
  readonly wire: Socket;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly pings: number;
}

/** How a server is to be. */
export interface StreamServerOptions {
  /** Answers a handshake with this status instead, undefined to accept. */
  readonly refuse?: (count: number) => { status: number; headers?: Record<string, string>; body?: string } | undefined;
  /** Serves each connection; `count` is 1 for the first. */
  readonly serve: (connection: ServerConnection, count: number) => void;
  /** Answers plain requests. */
  readonly answer?: Parameters<typeof createServer>[1];
  /** False: pings are not answered. */
  readonly autoPong?: boolean;
}

/** A WebSocket server of this machine. */
export class StreamServer {
  readonly connections: ServerConnection[] = [];
  /** Handshakes, refused ones included. */
  handshakes = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #waiting: (() => void)[] = [];

  private constructor(options: StreamServerOptions) {
    this.#server = createServer(options.answer ?? ((_, response) => void response.writeHead(404).end()));
    const webSockets = new WebSocketServer({
      noServer: true,
      autoPong: options.autoPong ?? true,
      clientTracking: true,
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
    });
    this.#server.on('upgrade', (request, wire: Socket, head) => {
      const refusal = options.refuse?.(++this.handshakes);
      this.notify();
      if (refusal) {
        const headers = Object.entries({ connection: 'close', ...refusal.headers }).map(
          ([name, value]) => `${name}: ${value}\r\n`,
        );
        wire.end(`HTTP/1.1 ${refusal.status} No\r\n${headers.join('')}\r\n${refusal.body ?? ''}`);
        return;
      }
      webSockets.handleUpgrade(request, wire, head, (socket) => {
        let pings = 0;
        socket.on('error', () => {});
        socket.on('ping', () => {
          pings++;
          this.notify();
        });
        const connection: ServerConnection = {
          socket,
          wire,
          url: new URL(request.url ?? '/', 'ws://server'),
          headers: request.headers,
          get pings() {
            return pings;
          },
        };
        this.connections.push(connection);
        options.serve(connection, this.connections.length);
        this.notify();
      });
    });
  }

  static async start(options: StreamServerOptions): Promise<StreamServer> {
    const server = new StreamServer(options);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => server.close());
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resolves when the condition holds; it is looked at when a connection or a ping comes. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  notify(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** The n-th post of a stream of posts, a thousand microseconds apart. */
export function numberedPost(n: number): typeof BLUESKY_POST {
  return changed(BLUESKY_POST, {
    time_us: 1767323045000000 + n * 1000,
    'commit.rkey': `p${n}`,
    'commit.record.text': `Post number ${n} about Zoë`,
  });
}

/** Its AT-URI. */
export function numberedId(n: number): string {
  return `at://did:plc:aaaa/app.bsky.feed.post/p${n}`;
}

/** What Jetstream does with a cursor: sends what it has from there on, that one included. */
export function sendFrom(connection: ServerConnection, log: readonly { time_us: number }[]): void {
  const cursor = Number(connection.url.searchParams.get('cursor') ?? Number.POSITIVE_INFINITY);
  for (const frame of log) if (frame.time_us >= cursor) connection.socket.send(JSON.stringify(frame));
}
