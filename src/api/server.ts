import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GraphQLError } from 'graphql';
import type { Credentials } from '../access/credentials.ts';
import { GrapevineError, messageOf } from '../errors.ts';
import type { GraphReader } from '../graph/graph-reader.ts';
import type { PictureStore } from '../graph/picture-store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { alertEvents } from './alert-events.ts';
import type { Alerting } from './alerting.ts';
import { allowPages } from './cors.ts';
import { CostBudget } from './cost-budget.ts';
import { EventFeed } from './event-feed.ts';
import { Gate } from './gate.ts';
import { createGraphqlHandler } from './graphql-handler.ts';
import { PageFiles } from './page/page-files.ts';
import { PictureLinks } from './pictures/picture-links.ts';
import { receivePicture } from './pictures/receive-picture.ts';
import { sendThumbnail } from './pictures/send-thumbnail.ts';
import { Thumbnails } from './pictures/thumbnails.ts';
import { send, sendRefusal } from './send.ts';
import type { Writing } from './writing.ts';

/** How the API runs. */
export interface ApiOptions {
  readonly reader: GraphReader;
  readonly writing: Writing;
  readonly alerting: Alerting;
  /** Address to listen on. Only `localhost`, `127.0.0.1` and `::1` do without credentials. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly telemetry: Telemetry;
  /** What lets a caller in. */
  readonly credentials: readonly Credentials[];
  /** Ask for them on loopback, too. */
  readonly requireToken: boolean;
  /** Origins of web pages that may ask, such as `https://news.example.com`. */
  readonly corsOrigins: ReadonlySet<string>;
  /** Objects that the answers to one caller may hold each minute; 0 sets no limit. */
  readonly costPerMinute: number;
  /** Answer questions about the schema. */
  readonly introspection: boolean;
  /** Documents that are asked for by hash: see `readOperations`; with `isOnly` no others are run. */
  readonly operations?: { readonly path: string; readonly isOnly: boolean } | undefined;
  /** Small copies of pictures; undefined where none are kept. */
  readonly pictures: PictureStore | undefined;
  /** Signs their addresses; empty takes a random one. */
  readonly pictureKey: string;
  /** Folder of the built page; undefined where none is served. */
  readonly page: string | undefined;
  /** Time between two looks at the event log while somebody subscribes, milliseconds. */
  readonly pollMs: number;
}

/** A running API. */
export interface Api extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Ends subscriptions, lets running queries finish for a moment and frees the port. */
  close(): Promise<void>;
}

/** Subscribers at a time. */
const MAX_SUBSCRIBERS = 1000;

/** Time running queries get when the server closes, milliseconds. */
const CLOSE_MS = 2000;

/** Time a client has to send a request, milliseconds. */
const REQUEST_MS = 30_000;

/** Longest wait for the graph at `/readyz`, milliseconds. */
const READY_MS = 5000;

const SAFE_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  // Nothing comes from a third party and no other page shows ours in a frame. GraphiQL runs scripts of its own page.
  'content-security-policy':
    "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
};

/**
 * Serves the graph: GraphQL at `/graphql`, a page at `/`, small copies of pictures below `/pictures`, which takes
 * pictures for posts, `/healthz`, `/readyz`
 * and `/metrics`.
 * @throws {CONFIG_INVALID} when other machines reach the address and nobody has a token, when the operations cannot be
 * run, or the port cannot be had.
 */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { host, reader, writing, alerting, telemetry, pollMs, pictures } = options;
  const gate = await Gate.open(options);
  const feeding = { events: telemetry.events, pollMs, maxSubscribers: MAX_SUBSCRIBERS };
  const feed = new EventFeed({ ...feeding, log: reader });
  const alertFeed = new EventFeed({ ...feeding, log: alertEvents(alerting.log) });
  const links = new PictureLinks({ key: options.pictureKey });
  const thumbnails = new Thumbnails(pictures, links);
  const files = new PageFiles(options.page);
  const budget = options.costPerMinute > 0 ? new CostBudget(options.costPerMinute) : undefined;
  const { introspection, operations } = options;
  const { watchlists } = alerting.book;
  const parts = { reader, feed, alertFeed, alerting, watchlists, thumbnails, pictures, writing, gate };
  const graphql = createGraphqlHandler({ parts, telemetry, budget, introspection, operations });
  const server = createServer({ requestTimeout: REQUEST_MS }, (request, response) => {
    handle(request, response, { graphql, gate, links, files }, options).catch((error: unknown) => {
      telemetry.logger.error({ err: error }, 'a request failed');
      response.destroy();
    });
  });
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    feed.close();
    alertFeed.close();
    await stop(server);
  };
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface Parts {
  readonly graphql: ReturnType<typeof createGraphqlHandler>;
  readonly gate: Gate;
  readonly links: PictureLinks;
  readonly files: PageFiles;
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { graphql, gate, links, files }: Parts,
  options: ApiOptions,
): Promise<void> {
  for (const [name, value] of Object.entries(SAFE_HEADERS)) response.setHeader(name, value);
  const { headers } = request;
  const foreign = gate.refuseForeign(headers);
  if (foreign) return send(response, 403, foreign);
  if (allowPages(request, response, options.corsOrigins)) return;
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  if (path === '/graphql') {
    // The page of GraphiQL holds nothing of the graph; what is asked from it comes in like any other request.
    if (isPageRequest(request)) return graphql(request, response);
    const admission = await gate.admit(headers);
    if (admission instanceof GraphQLError) return sendRefusal(response, admission);
    return graphql(request, response, { admission });
  }
  if (path === '/pictures' && request.method === 'POST')
    return receivePicture(request, response, { uploads: options.writing.uploads, gate });
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'Only GET is possible here.');
  if (path.startsWith('/pictures/')) return sendThumbnail(request, response, { ...options, links, gate });
  if (files.send(path, request, response)) return;
  if (path === '/healthz') return send(response, 200, 'ok');
  if (path === '/readyz') return sendReadiness(response, options);
  if (path === '/metrics') {
    const admission = await gate.admit(headers);
    const refused = admission instanceof GraphQLError ? admission : gate.refuse(admission, 'read');
    if (refused) return sendRefusal(response, refused);
    const { registry } = options.telemetry;
    return send(response, 200, await registry.metrics(), registry.contentType);
  }
  send(response, 404, 'There is nothing at this address; / says what is here.');
}

function isPageRequest({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && (headers.accept ?? '').includes('text/html');
}

async function sendReadiness(response: ServerResponse, { reader, telemetry }: ApiOptions): Promise<void> {
  const late = AbortSignal.timeout(READY_MS);
  const silence = new Promise<never>((_, reject) => {
    late.addEventListener('abort', () => reject(new Error(`no answer within ${READY_MS} ms`)), { once: true });
  });
  try {
    await Promise.race([reader.ping(), silence]);
    send(response, 200, 'ready');
  } catch (error) {
    telemetry.logger.warn({ reason: messageOf(error) }, 'the API is not ready');
    send(response, 503, 'The graph does not answer.');
  }
}

function listen(server: Server, { host, port }: ApiOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason =
        cause.code === 'EADDRINUSE' ? 'the port is in use; stop its program or choose another port' : cause.message;
      reject(new GrapevineError('CONFIG_INVALID', `starting the API on ${host}:${port}: ${reason}.`, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // A connection that was answered stays open for the next request: nobody will ask again.
    const idle = setInterval(() => server.closeIdleConnections(), 50);
    const hard = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(hard);
      resolve();
    });
  });
}
