import type { PathQuery, Paths, Subgraph, SubgraphQuery } from '../exploration.ts';
import { sifted } from '../explore/fact-filter.ts';
import { findPaths } from '../explore/paths.ts';
import { exploreSubgraph } from '../explore/subgraph.ts';
import type { FactLook } from '../fact-look.ts';
import type { Connection } from './connection.ts';
import { linksAround, recentLinks } from './read-around.ts';
import { entitiesById } from './read-entities.ts';
import { factsById } from './read-facts.ts';

/** See `GraphReader.subgraph`: thousands of facts are looked at for an answer of hundreds, and only that leaves the thread. */
export function subgraph(connection: Connection, query: SubgraphQuery): Promise<Subgraph> {
  const reader = readerOf(connection);
  return exploreSubgraph(reader, sifted(reader, query));
}

/** See `GraphReader.paths`. */
export function paths(connection: Connection, query: PathQuery): Promise<Paths> {
  const reader = readerOf(connection);
  return findPaths(reader, sifted(reader, query));
}

function readerOf(connection: Connection) {
  return {
    factsById: async (ids: readonly string[]) => factsById(connection, ids),
    entitiesById: async (ids: readonly string[]) => entitiesById(connection, ids),
    linksAround: async (ids: readonly string[], look: FactLook) => linksAround(connection, ids, look),
    recentLinks: async (look: FactLook) => recentLinks(connection, look),
  };
}
