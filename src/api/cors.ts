import type { IncomingMessage, ServerResponse } from 'node:http';

/** Time a browser remembers that it may ask, seconds. */
const REMEMBER_S = 600;

/**
 * Lets pages of the given origins read what this server answers, tokens and all; they send a token like any other program,
 * never cookies. True when the request only asked whether it may be sent, and has its answer.
 */
export function allowPages(request: IncomingMessage, response: ServerResponse, origins: ReadonlySet<string>): boolean {
  if (origins.size === 0) return false;
  // What is kept of an answer for one page must not be given to another.
  response.setHeader('vary', 'origin');
  const { origin, 'access-control-request-method': asked } = request.headers;
  if (origin === undefined || !origins.has(origin)) return false;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', 'www-authenticate');
  if (request.method !== 'OPTIONS' || asked === undefined) return false;
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': 'authorization, content-type',
    'access-control-max-age': String(REMEMBER_S),
  });
  response.end();
  return true;
}
