import type { Ruling } from '../../../domain/decision.ts';
import type { Entity } from '../../../domain/graph.ts';
import type { MergeSuggestion } from '../../../domain/suggestion.ts';
import { GrapevineError } from '../../../errors.ts';
import { keyOf } from '../../../graph/resolve/entity-key.ts';
import { reasonOf } from '../../../graph/suggest/accept-suggestion.ts';
import { suggestMerges } from '../../../graph/suggest/suggest-merges.ts';
import type { ApiContext } from '../../context.ts';
import { failed, forget } from './payload.ts';

interface MergeArgs {
  readonly input: { readonly from: string; readonly into: string; readonly reason?: string | null };
}

interface SplitArgs {
  readonly input: { readonly entity: string; readonly reason?: string | null };
}

interface ApartArgs {
  readonly input: { readonly one: string; readonly other: string; readonly reason?: string | null };
}

interface DecideArgs {
  readonly id: string;
  readonly reason?: string | null;
}

/** Longest reason, UTF-16 code units. */
const MAX_REASON = 2000;

/** Mutations that take a decision. */
export const decisionMutations = {
  async mergeEntities(_: unknown, { input: { from, into, reason } }: MergeArgs, context: ApiContext) {
    const [one, other] = await Promise.all([from, into].map((id) => context.loaders.entities.load(id)));
    if (!one) return noEntity('from', from);
    if (!other) return noEntity('into', into);
    if (one.id !== from) return isPart('from', from, one);
    if (other.id !== into) return isPart('into', into, other);
    const answer = await decide({ kind: 'merge', from: keyOf(one), into: keyOf(other) }, reason, context);
    return { entityId: into, ...answer };
  },

  async acceptSuggestion(_: unknown, { input: { from, into, reason } }: MergeArgs, context: ApiContext) {
    const [one, other] = await Promise.all([from, into].map((id) => context.loaders.entities.load(id)));
    if (!one) return noEntity('from', from);
    if (!other) return noEntity('into', into);
    const suggestion = one.id === from && other.id === into ? await suggested(one, other, context) : undefined;
    if (!suggestion) return failed(null, 'STALE', `nothing suggests any more that ${from} becomes part of ${into}`);
    const why = reason == null || reason === '' ? reasonOf(suggestion) : reason;
    const answer = await decide({ kind: 'merge', from: keyOf(one), into: keyOf(other) }, why, context);
    return { entityId: into, ...answer };
  },

  async splitEntity(_: unknown, { input: { entity: id, reason } }: SplitArgs, context: ApiContext) {
    const root = await context.loaders.entities.load(id);
    if (!root) return noEntity('entity', id);
    const part = (await context.reader.partsOf(root.id)).find((one) => one.id === id);
    if (!part) return failed('entity', 'NOT_MERGED', `${id} is not part of another entity, but ${root.name} itself`);
    const answer = await decide({ kind: 'split', entity: part }, reason, context);
    return { entityId: id, fromId: root.id, ...answer };
  },

  async keepEntitiesApart(_: unknown, { input }: ApartArgs, context: ApiContext) {
    const [one, other] = await Promise.all([input.one, input.other].map((id) => context.loaders.entities.load(id)));
    if (!one) return noEntity('one', input.one);
    if (!other) return noEntity('other', input.other);
    return decide({ kind: 'distinct', a: keyOf(one), b: keyOf(other) }, input.reason, context);
  },

  async rejectFact(_: unknown, { id, reason }: DecideArgs, context: ApiContext) {
    const fact = await context.loaders.facts.load(id);
    if (!fact) return failed('id', 'NOT_FOUND', `there is no fact ${shown(id)} in the graph`);
    const { headId, type, tailId } = fact;
    return { factId: id, ...(await decide({ kind: 'reject', headId, type, tailId }, reason, context)) };
  },

  async undoDecision(_: unknown, { id, reason }: DecideArgs, context: ApiContext) {
    const log = await context.loaders.decisionLog();
    if (!log.find(id)) return failed('id', 'NOT_FOUND', `there is no decision ${shown(id)}`);
    return decide({ kind: 'undo', decisionId: id }, reason, context);
  },
};

/** What the answer of a merge or a split shows is read after it. */
export const entityPayloadResolvers = {
  entity: ({ entityId }: { entityId?: string }, _: unknown, { loaders }: ApiContext) =>
    entityId === undefined ? undefined : loaders.entities.load(entityId),
  from: ({ fromId }: { fromId?: string }, _: unknown, { loaders }: ApiContext) =>
    fromId === undefined ? undefined : loaders.entities.load(fromId),
};

/** What suggests that the one becomes part of the other; either of them may have too many suggestions to show it. */
async function suggested(from: Entity, into: Entity, { reader }: ApiContext): Promise<MergeSuggestion | undefined> {
  for (const entity of [from, into]) {
    const found = (await suggestMerges(reader, entity)).find(
      (one) => one.from.id === from.id && one.into.id === into.id,
    );
    if (found) return found;
  }
  return undefined;
}

async function decide(ruling: Ruling, reason: string | null | undefined, context: ApiContext) {
  if (reason != null && reason.length > MAX_REASON)
    return failed('reason', 'TOO_LONG', `the reason has ${reason.length} characters; ${MAX_REASON} at most are kept`);
  const { writing } = context;
  try {
    const { decision } = await writing.store.decide(ruling, reason == null || reason === '' ? {} : { reason });
    writing.onCommit();
    return { decision, userErrors: [] };
  } catch (error) {
    // Someone else may have decided since the entities were read, so only the store knows for sure.
    if (!(error instanceof GrapevineError) || error.code !== 'USAGE') throw error;
    return failed(null, 'NOT_POSSIBLE', error.message);
  } finally {
    forget(context);
  }
}

function noEntity(field: string, id: string) {
  return failed(field, 'NOT_FOUND', `there is no entity ${shown(id)} in the graph`);
}

function isPart(field: string, id: string, root: Entity) {
  return failed(field, 'ALREADY_MERGED', `${id} is part of ${root.id} already; name that one, or split it off first`);
}

function shown(id: string): string {
  return JSON.stringify(id.slice(0, 80));
}
