import type { Entity } from '../../domain/graph.ts';
import type { SuggestionKind } from '../../domain/suggestion.ts';
import type { FactQuery } from '../../graph/graph-reader.ts';
import { externalIdsOf } from '../../graph/plan/about.ts';
import { suggestMerges } from '../../graph/suggest/suggest-merges.ts';
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

  parts: (entity: Entity, _args: object, { reader }: ApiContext) => reader.partsOf(entity.id),

  async externalIds(entity: Entity, _args: object, { reader }: ApiContext) {
    const ids = [entity.id, ...(await reader.partsOf(entity.id)).map(({ id }) => id)];
    return externalIdsOf(await reader.decisionsAbout(ids), ids);
  },

  suggestions: (entity: Entity, _args: object, { reader }: ApiContext) => suggestMerges(reader, entity),
};

/** Kinds of the schema as the domain writes them. */
export const suggestionKinds: Readonly<Record<string, SuggestionKind>> = {
  OTHER_TYPE: 'other_type',
  ALTERNATE_NAMES: 'alternate_names',
  HANDLE: 'handle',
  ACRONYM: 'acronym',
  PART_OF_NAME: 'part_of_name',
  EXTERNAL_ID: 'external_id',
};
