import type { GraphQLResolveInfo } from 'graphql';
import type { Entity } from '../../domain/graph.ts';
import type { SuggestionKind } from '../../domain/suggestion.ts';
import { externalIdsOf } from '../../graph/plan/about.ts';
import { suggestMerges } from '../../graph/suggest/suggest-merges.ts';
import { connection, type PageArgs, pageRequest } from '../connections.ts';
import type { ApiContext } from '../context.ts';
import { type FactListArgs, factConnection, wantedFacts } from '../fact-args.ts';
import { isoTime } from '../iso-time.ts';
import { timeline } from './timeline.ts';

interface FactsArgs extends FactListArgs {
  readonly direction?: 'OUT' | 'IN' | 'ANY' | null;
}

/** Resolvers of an entity. */
export const entityResolvers = {
  async facts(entity: Entity, args: FactsArgs, context: ApiContext, info: GraphQLResolveInfo) {
    const start = { entityId: entity.id, direction: args.direction ?? 'ANY' } as const;
    return factConnection(await wantedFacts(args, context, start), args, context, info);
  },

  async mentions(entity: Entity, args: PageArgs, { reader }: ApiContext) {
    return connection(await reader.mentionsOfEntity(entity.id, pageRequest(args)), args);
  },

  aliases: (entity: Entity, _args: object, { reader }: ApiContext) => reader.surfacesOf(entity.id),

  async firstSeen(entity: Entity, _args: object, { loaders }: ApiContext) {
    const span = await loaders.mentionSpans.load(entity.id);
    return span && isoTime(span.firstMs);
  },

  async lastSeen(entity: Entity, _args: object, { loaders }: ApiContext) {
    const span = await loaders.mentionSpans.load(entity.id);
    return span && isoTime(span.lastMs);
  },

  timeline,

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
