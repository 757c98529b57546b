import type { Decision, EntityKey } from '../../domain/decision.ts';
import { factId } from '../../domain/ids.ts';
import type { ApiContext } from '../context.ts';
import { isoTime } from '../iso-time.ts';

/** Resolvers of a decision. */
export const decisionResolvers = {
  at: ({ atMs }: Decision) => isoTime(atMs),
  isInForce: async ({ id }: Decision, _: unknown, { loaders }: ApiContext) =>
    (await loaders.decisionLog()).isInForce(id),
  entities(decision: Decision): readonly EntityKey[] {
    if (decision.kind === 'merge') return [decision.from, decision.into];
    if (decision.kind === 'distinct') return [decision.a, decision.b];
    return decision.kind === 'split' || decision.kind === 'identify' ? [decision.entity] : [];
  },
  externalId: (decision: Decision) => (decision.kind === 'identify' ? decision.externalId : undefined),
  fact: (decision: Decision) => {
    if (decision.kind !== 'reject') return undefined;
    const { headId, type, tailId } = decision;
    return { id: factId(headId, type, tailId), headId, type, tailId };
  },
  undone: async (decision: Decision, _: unknown, { loaders }: ApiContext) =>
    decision.kind === 'undo' ? (await loaders.decisionLog()).find(decision.decisionId) : undefined,
};

/** Resolvers of an entity as a decision names it. */
export const decidedEntityResolvers = {
  now: ({ id }: EntityKey, _: unknown, { loaders }: ApiContext) => loaders.entities.load(id),
};

/** How the graph names what was decided. */
export const decisionKinds = {
  MERGE: 'merge',
  SPLIT: 'split',
  REJECT: 'reject',
  DISTINCT: 'distinct',
  IDENTIFY: 'identify',
  UNDO: 'undo',
} as const satisfies Record<Uppercase<Decision['kind']>, Decision['kind']>;
