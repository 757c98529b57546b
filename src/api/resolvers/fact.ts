import type { Fact } from '../../domain/graph.ts';
import { connection, type PageArgs, pageRequest } from '../connections.ts';
import type { ApiContext } from '../context.ts';
import { isoTime } from '../iso-time.ts';

/** Resolvers of a fact. */
export const factResolvers = {
  head: (fact: Fact, _: unknown, { loaders }: ApiContext) => loaders.entities.load(fact.headId),
  tail: (fact: Fact, _: unknown, { loaders }: ApiContext) => loaders.entities.load(fact.tailId),
  firstSeen: (fact: Fact) => isoTime(fact.firstSeenMs),
  lastSeen: (fact: Fact) => isoTime(fact.lastSeenMs),
  createdAt: (fact: Fact) => isoTime(fact.createdMs),
  async evidence(fact: Fact, args: PageArgs, { reader }: ApiContext) {
    return connection(await reader.evidence(fact.id, pageRequest(args)), args);
  },
};
