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
 * @throws {GRAPH_SCHEME} when it names no database that Grapevine knows.
 * @example parseGraphUrl('sqlite:grapevine.db') // { kind: 'sqlite', path: 'grapevine.db' }
 */
export function parseGraphUrl(url: string): GraphLocation {
  const path = SQLITE.exec(url)?.[1];
  if (path !== undefined && path !== ':memory:') return { kind: 'sqlite', path };
  if (BOLT.test(url)) return { kind: 'neo4j', url };
  const known = 'sqlite:PATH (a file), neo4j://HOST:PORT and bolt://HOST:PORT, both also with +s or +ssc';
  const found = JSON.stringify(url.replace(/\/\/[^/@]*@/, '//***@'));
  throw new GrapevineError('GRAPH_SCHEME', `opening the graph: ${found} is none of ${known}`);
}
