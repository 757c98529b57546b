import type { PathQuery, Paths, Subgraph, SubgraphQuery } from '../exploration.ts';
import { sifted } from '../explore/fact-filter.ts';
import { findPaths } from '../explore/paths.ts';
import { exploreSubgraph } from '../explore/subgraph.ts';
import type { FactLook } from '../fact-look.ts';
import type { Connection } from './connection.ts';
import { factsAround, recentFacts } from './read-around.ts';
import { entitiesById } from './read-entities.ts';

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
    entitiesById: async (ids: readonly string[]) => entitiesById(connection, ids),
    factsAround: async (ids: readonly string[], look: FactLook) => factsAround(connection, ids, look),
    recentFacts: async (look: FactLook) => recentFacts(connection, look),
  };
}
