import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A request that a server has had, with its body. */
export interface ServerRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An HTTP server of this machine that answers as a test says; `count` is the number of requests for that path so far. */
export class LineServer {
  readonly requests: ServerRequest[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #waiting: (() => void)[] = [];

  private constructor(answer: (request: ServerRequest, response: ServerResponse, count: number) => void) {
    this.#server = createServer((incoming, response) => {
      response.on('error', () => {});
      let body = '';
      incoming.setEncoding('utf8').on('data', (text: string) => (body += text));
      incoming.on('end', () => {
        const url = new URL(incoming.url ?? '/', 'http://server');
        const request = { method: incoming.method ?? '', url, headers: incoming.headers, body };
        this.requests.push(request);
        const count = this.requests.filter((other) => other.url.pathname === url.pathname).length;
        answer(request, response, count);
        for (const wake of this.#waiting.splice(0)) wake();
      });
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
    });
  }

  static async start(
    answer: (request: ServerRequest, response: ServerResponse, count: number) => void,
  ): Promise<LineServer> {
    const server = new LineServer(answer);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => server.close());
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves when the condition holds; it is looked at when a request has come. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Answers with JSON. */
export function answerJson(
  response: ServerResponse,
  content: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(content));
}
