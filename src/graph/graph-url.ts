import { GrapevineError } from '../errors.ts';

/** Which database a graph URL names. */
export type GraphLocation =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'neo4j'; readonly url: string };

const BOLT = /^(?:neo4j|bolt)(?:\+s|\+ssc)?:\/\/[^/\s]+/i;
const SQLITE = /^sqlite:(?:\/\/)?(.+)$/is;

/**
 * Reads `--graph` or `GRAPH_URL`.
 *
 * @throws {GRAPH_SCHEME} when it names no database that Grapevine knows, or holds a user or a password.
 * @example parseGraphUrl('sqlite:grapevine.db') // { kind: 'sqlite', path: 'grapevine.db' }
 */
export function parseGraphUrl(url: string): GraphLocation {
  const path = SQLITE.exec(url)?.[1];
  if (path !== undefined && path !== ':memory:') return { kind: 'sqlite', path };
  const found = JSON.stringify(maskUrl(url));
  if (BOLT.test(url) && !url.includes('@')) return { kind: 'neo4j', url };
  if (BOLT.test(url)) {
    const next = 'give the user and the password as NEO4J_USERNAME and NEO4J_PASSWORD instead';
    throw new GrapevineError('GRAPH_SCHEME', `opening the graph: ${found} holds a user or a password; ${next}`);
  }
  const known = 'sqlite:PATH (a file), neo4j://HOST:PORT and bolt://HOST:PORT, both also with +s or +ssc';
  throw new GrapevineError('GRAPH_SCHEME', `opening the graph: ${found} is none of ${known}`);
}

/** A URL fit for messages: `***` stands for whatever comes before its last `@`, the scheme aside. */
export function maskUrl(url: string): string {
  return url.replace(/^([a-z0-9+.-]*:\/\/)?.*@/is, '$1***@');
}
