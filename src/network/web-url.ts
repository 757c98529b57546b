import { isIP } from 'node:net';

/** What a URL may lead to. */
export interface UrlRules {
  /** Judges an IP address without brackets. */
  readonly allowAddress: (address: string) => boolean;
  readonly allowPort: (port: number) => boolean;
  /** Judges a host as URLs name it. @default every host */
  readonly allowHost?: (host: string) => boolean;
  /** Refuses plain `http:`. @default false */
  readonly httpsOnly?: boolean;
}

/** Why a URL is not asked for. */
export type UrlRefusal = 'bad_url' | 'scheme' | 'credentials' | 'port' | 'blocked_address' | 'host_not_allowed';

/** A URL that may be asked for, or why not. */
export type CheckedUrl = { readonly url: URL } | { readonly outcome: UrlRefusal };

const MAX_URL = 2048;
const MAX_HOST = 253;
const HAS_SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/** True for text that starts like a URL, of whatever scheme. */
export function hasScheme(source: string): boolean {
  return HAS_SCHEME.test(source);
}

/**
 * Judges a URL from a stranger by all that can be known without the network; `base` is what a redirect came from.
 *
 * Only the parsed URL is judged, never its text: `0x7f.1`, `①②⑦.0.0.1` and `%31%32%37.0.0.1` are all 127.0.0.1.
 */
export function checkWebUrl(text: string, rules: UrlRules, base?: URL): CheckedUrl {
  if (text.length > MAX_URL || !URL.canParse(text, base?.href)) return { outcome: 'bad_url' };
  const url = new URL(text, base);
  if (url.protocol !== 'https:' && (url.protocol !== 'http:' || rules.httpsOnly)) return { outcome: 'scheme' };
  if (url.href.length > MAX_URL || url.hostname.length > MAX_HOST) return { outcome: 'bad_url' };
  if (url.username !== '' || url.password !== '') return { outcome: 'credentials' };
  if (!rules.allowPort(portOf(url))) return { outcome: 'port' };
  const host = withoutBrackets(url.hostname);
  if (isIP(host) !== 0 && !rules.allowAddress(host)) return { outcome: 'blocked_address' };
  if (rules.allowHost && !rules.allowHost(url.hostname)) return { outcome: 'host_not_allowed' };
  url.hash = '';
  return { url };
}

/** A URL fit for logs: without query, which may hold a signature, and not endless. */
export function redactUrl(url: URL): string {
  return `${url.origin}${url.pathname}`.slice(0, 200);
}

/** The host as `node:net` knows it. */
export function withoutBrackets(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}
