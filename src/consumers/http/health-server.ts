import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { MetricsGuard } from '../../access/metrics-guard.ts';
import { GrapevineError, messageOf } from '../../errors.ts';

/** What the endpoints of a consumer tell. */
export interface HealthServerOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly registry: Registry;
  /** Says who may read the metrics. */
  readonly guard: MetricsGuard;
  /** Why the process should be started anew; undefined while it should not. */
  readonly notHealthy: () => string | undefined;
  /** Why the consumer is not ready for work; undefined while it is. */
  readonly notReady: () => string | undefined;
}

/** Serves `/healthz`, `/readyz` and `/metrics` of one process. */
export class HealthServer implements AsyncDisposable {
  readonly url: string;
  readonly #close: () => Promise<void>;

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.#close = close;
  }

  /** @throws {CONFIG_INVALID} when the port cannot be had. */
  static async start(options: HealthServerOptions): Promise<HealthServer> {
    const server = createServer((request, response) => {
      answer(request, response, options).catch(() => response.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => {
        const message = `listening for health checks on ${options.host}:${options.port}: ${messageOf(error)}`;
        reject(new GrapevineError('CONFIG_INVALID', message, { cause: error }));
      });
      server.listen(options.port, options.host, resolve);
    });
    server.unref();
    const { port } = server.address() as AddressInfo;
    return new HealthServer(`http://${options.host}:${port}`, async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

async function answer(
  { url: path, headers }: IncomingMessage,
  response: ServerResponse,
  options: HealthServerOptions,
): Promise<void> {
  const reply = (status: number, body: string) =>
    response.writeHead(status, { 'content-type': 'text/plain' }).end(`${body}\n`);
  const judge = (reason: string | undefined, good: string) => reply(reason === undefined ? 200 : 503, reason ?? good);
  if (path === '/healthz') judge(options.notHealthy(), 'ok');
  else if (path === '/readyz') judge(options.notReady(), 'ready');
  else if (path === '/metrics') {
    const refused = await options.guard.refuse(headers);
    if (refused?.status === 401) response.setHeader('www-authenticate', 'Bearer realm="grapevine"');
    if (refused) return void reply(refused.status, refused.message);
    const body = await options.registry.metrics();
    response.writeHead(200, { 'content-type': options.registry.contentType }).end(body);
  } else reply(404, 'not found: /healthz, /readyz and /metrics are here');
}
