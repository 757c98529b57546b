import type { Entity } from '../../domain/graph.ts';
import type { FactQuery } from '../../graph/graph-reader.ts';
import { confidenceBound, connection, type PageArgs, pageRequest } from '../connections.ts';
import type { ApiContext } from '../context.ts';

interface FactsArgs extends PageArgs {
  readonly direction?: 'OUT' | 'IN' | 'ANY' | null;
  readonly type?: string | null;
  readonly minConfidence?: number | null;
}

/** Resolvers of an entity. */
export const entityResolvers = {
  async facts(entity: Entity, args: FactsArgs, { reader }: ApiContext) {
    const minConfidence = confidenceBound(args.minConfidence);
    const query: FactQuery = {
      entityId: entity.id,
      direction: args.direction ?? 'ANY',
      ...(args.type != null && { type: args.type }),
      ...(minConfidence !== undefined && { minConfidence }),
    };
    const page = await reader.facts(query, pageRequest(args));
    return connection(page, args, () => reader.countFacts(query));
  },

  async mentions(entity: Entity, args: PageArgs, { reader }: ApiContext) {
    return connection(await reader.mentionsOfEntity(entity.id, pageRequest(args)), args);
  },
};
