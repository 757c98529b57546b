import { type FilterCondition, type FilterGroup, isSameRelation } from '../../domain/filter.ts';
import type { FactQuery } from '../graph-reader.ts';

/** The part of a filter that the graph itself can look for. */
export type Narrowed = Pick<FactQuery, 'type' | 'minConfidence' | 'entityId' | 'direction'>;

/** What a filter leaves to look for. */
export interface Narrowing {
  /** Holds for everything that the filter holds for. */
  readonly query: Narrowed;
  /** True when the filter asks for nothing else. */
  readonly isWhole: boolean;
}

const SIDES = { 'head.id': 'OUT', 'tail.id': 'IN', 'either.id': 'ANY' } as const;

/** Narrows a query by what a filter surely asks for. `relations` are the relation types of the graph. */
export function narrow(query: Narrowed, group: FilterGroup, relations: readonly string[]): Narrowing {
  const { filters, filterGroups } = group;
  if (group.mode === 'or' && filters.length + filterGroups.length > 1) return { query, isWhole: false };
  const start: Narrowing = { query, isWhole: true };
  const own = filters.reduce((so, condition) => join(so, narrowBy(so.query, condition, relations)), start);
  return filterGroups.reduce((so, inner) => join(so, narrow(so.query, inner, relations)), own);
}

function join(before: Narrowing, { query, isWhole }: Narrowing): Narrowing {
  return { query, isWhole: before.isWhole && isWhole };
}

function narrowBy(query: Narrowed, condition: FilterCondition, relations: readonly string[]): Narrowing {
  const { key, operator, values } = condition;
  const [value] = values;
  const rest = { query, isWhole: false };
  if (key === 'confidence' && (operator === 'gte' || operator === 'gt' || operator === 'within')) {
    const minConfidence = Math.max(query.minConfidence ?? 0, Number(value));
    return { query: { ...query, minConfidence }, isWhole: operator === 'gte' };
  }
  if (operator !== 'eq' || values.length !== 1) return rest;
  if (key === 'relation.type') {
    const types = relations.filter((type) => isSameRelation(type, String(value)));
    if (types.length > 1 || (query.type !== undefined && query.type !== types[0])) return rest;
    return { query: { ...query, type: types[0] ?? String(value) }, isWhole: true };
  }
  if (Object.hasOwn(SIDES, key) && query.entityId === undefined) {
    const direction = SIDES[key as keyof typeof SIDES];
    return { query: { ...query, entityId: String(value), direction }, isWhole: true };
  }
  return rest;
}
