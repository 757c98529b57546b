import { type Plain, withFilter } from '../explore/fact-filter.ts';
import { findPaths, type PathQuery, type Paths } from '../explore/paths.ts';
import { exploreSubgraph, type Subgraph, type SubgraphQuery } from '../explore/subgraph.ts';
import type { FactLook } from '../fact-look.ts';
import type { Connection } from './connection.ts';
import { factsAround, recentFacts } from './read-around.ts';
import { entitiesById } from './read-entities.ts';

/** See `GraphReader.subgraph`: thousands of facts are looked at for an answer of hundreds, and only that leaves the thread. */
export function subgraph(connection: Connection, query: Plain<SubgraphQuery>): Promise<Subgraph> {
  const reader = readerOf(connection);
  return exploreSubgraph(reader, withFilter(reader, query));
}

/** See `GraphReader.paths`. */
export function paths(connection: Connection, query: Plain<PathQuery>): Promise<Paths> {
  const reader = readerOf(connection);
  return findPaths(reader, withFilter(reader, query));
}

function readerOf(connection: Connection) {
  return {
    entitiesById: async (ids: readonly string[]) => entitiesById(connection, ids),
    factsAround: async (ids: readonly string[], look: FactLook) => factsAround(connection, ids, look),
    recentFacts: async (look: FactLook) => recentFacts(connection, look),
  };
}
