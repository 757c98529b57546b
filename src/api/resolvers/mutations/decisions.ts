import type { EntityKey, Ruling } from '../../../domain/decision.ts';
import type { Entity } from '../../../domain/graph.ts';
import { GrapevineError } from '../../../errors.ts';
import type { ApiContext } from '../../context.ts';
import { failed, forget } from './payload.ts';

interface MergeArgs {
  readonly input: { readonly from: string; readonly into: string; readonly reason?: string | null };
}

interface SplitArgs {
  readonly input: { readonly entity: string; readonly reason?: string | null };
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

  async splitEntity(_: unknown, { input: { entity: id, reason } }: SplitArgs, context: ApiContext) {
    const { all } = await context.loaders.decisionLog();
    const merged = all.findLast((one) => one.kind === 'merge' && one.from.id === id);
    const [root] = await context.reader.entitiesById([id]);
    if (merged?.kind !== 'merge') {
      return root
        ? failed('entity', 'NOT_MERGED', `${id} is not part of another entity, but ${root.name} itself`)
        : noEntity('entity', id);
    }
    const answer = await decide({ kind: 'split', entity: merged.from }, reason, context);
    return { entityId: id, ...(root && root.id !== id && { fromId: root.id }), ...answer };
  },

  async rejectFact(_: unknown, { id, reason }: DecideArgs, context: ApiContext) {
    const fact = await context.loaders.facts.load(id);
    if (!fact) return failed('id', 'NOT_FOUND', `there is no fact ${shown(id)} in the graph`);
    const { headId, type, tailId } = fact;
    return { factId: id, ...(await decide({ kind: 'reject', headId, type, tailId }, reason, context)) };
  },

  async undoDecision(_: unknown, { id, reason }: DecideArgs, context: ApiContext) {
    const { byId } = await context.loaders.decisionLog();
    if (!byId.has(id)) return failed('id', 'NOT_FOUND', `there is no decision ${shown(id)}`);
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

function keyOf({ id, type, normName }: Entity): EntityKey {
  return { id, type, normName };
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
