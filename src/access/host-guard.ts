import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::(\d{1,5}))?$/i;

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** What a proxy adds: the request comes from somewhere else, though the connection comes from this machine. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/** True for an address of this machine that no other machine reaches. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '127.0.0.1' || host === '::1';
}

/** True where a proxy says that it sends the request for somebody else. */
export function isProxied(headers: IncomingHttpHeaders): boolean {
  return PROXY_HEADERS.some((name) => headers[name] !== undefined);
}

/**
 * Why a request to a loopback server is refused, or undefined.
 *
 * A web page can make a browser call this machine, under a name of its own that it points here (DNS rebinding) or
 * across origins. Only the names of this machine count, and only pages that this server itself gave out or whose origin
 * is one of those allowed.
 */
export function refuseForeign(
  headers: IncomingHttpHeaders,
  allowed: ReadonlySet<string> = new Set(),
): string | undefined {
  const host = LOOPBACK.exec(headers.host ?? '');
  if (!host) return 'This server answers to localhost, 127.0.0.1 and [::1] only.';
  if (headers.origin !== undefined && allowed.has(headers.origin)) return undefined;
  if (headers.origin !== undefined && !isOwnOrigin(headers.origin, host[1]))
    return 'Requests of other web pages are refused.';
  const embedded = headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate';
  return embedded ? 'Requests of other web pages are refused.' : undefined;
}

function isOwnOrigin(origin: string, port: string | undefined): boolean {
  const match = /^(https?:)\/\/(.+)$/i.exec(origin);
  const host = LOOPBACK.exec(match?.[2] ?? '');
  if (!match || !host) return false;
  const standard = DEFAULT_PORTS[match[1]?.toLowerCase() ?? ''];
  return (host[1] ?? standard) === (port ?? standard);
}
