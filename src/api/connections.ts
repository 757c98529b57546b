import { type GraphQLResolveInfo, Kind } from 'graphql';
import { GrapevineError } from '../errors.ts';
import type { Page, PageRequest } from '../graph/graph-reader.ts';
import { MAX_PAGE } from '../graph/page.ts';

const DEFAULT_PAGE_SIZE = 20;

/** Entities of a part of the graph that a person can look at, and that a page can draw. */
const DEFAULT_NODES = 300;
const MAX_NODES = 5_000;

/** Arguments of a list field as the client gave them. */
export interface PageArgs {
  readonly first?: number | null;
  readonly after?: string | null;
}

/** A Relay connection; `totalCount` is counted only when the query asks for it. */
export interface Connection<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | undefined;
    readonly endCursor: string | undefined;
  };
  readonly totalCount?: () => Promise<number>;
}

/** Length of the page that `first` asks for. @throws {BAD_REQUEST} when it is not 1 to 100. */
export function pageSize(first: number | null | undefined): number {
  const size = first ?? DEFAULT_PAGE_SIZE;
  if (Number.isInteger(size) && size >= 1 && size <= MAX_PAGE) return size;
  throw new GrapevineError(
    'BAD_REQUEST',
    `reading a page: "first" is ${size}; give 1 to ${MAX_PAGE} and follow pageInfo.endCursor for more.`,
  );
}

/** Number of nodes that `maxNodes` allows. @throws {BAD_REQUEST} when it is not 1 to 5,000. */
export function nodesAtMost(maxNodes: number | null | undefined): number {
  const nodes = maxNodes ?? DEFAULT_NODES;
  if (Number.isInteger(nodes) && nodes >= 1 && nodes <= MAX_NODES) return nodes;
  throw new GrapevineError(
    'BAD_REQUEST',
    `reading a part of the graph: "maxNodes" is ${nodes}; give 1 to ${MAX_NODES}.`,
  );
}

/** The page a list field asks for. @throws {BAD_REQUEST} when `first` is not 1 to 100. */
export function pageRequest(args: PageArgs): PageRequest {
  const first = pageSize(args.first);
  return args.after == null ? { first } : { first, after: args.after };
}

/** A page of the reader as a connection. `count` gives the length of the whole list. */
export function connection<T>(page: Page<T>, args: PageArgs, count?: () => Promise<number>): Connection<T> {
  return {
    edges: page.items,
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: args.after != null,
      startCursor: page.items[0]?.cursor,
      endCursor: page.endCursor ?? page.items.at(-1)?.cursor,
    },
    ...(count && { totalCount: count }),
  };
}

/** True when a query asks for the length of a list alone, so that no page of it has to be read. */
export function asksForCountAlone({ fieldNodes }: Pick<GraphQLResolveInfo, 'fieldNodes'>): boolean {
  return fieldNodes.every(({ selectionSet }) =>
    selectionSet?.selections.every((asked) => asked.kind === Kind.FIELD && asked.name.value === 'totalCount'),
  );
}

/** A page of which nobody looks at the rows. */
export const UNREAD: Page<never> = { items: [], hasNextPage: false };

/** A lower bound for confidences, checked. @throws {BAD_REQUEST} when it is not 0 to 1. */
export function confidenceBound(value: number | null | undefined): number | undefined {
  if (value == null) return undefined;
  if (value >= 0 && value <= 1) return value;
  throw new GrapevineError('BAD_REQUEST', `filtering by confidence: "minConfidence" is ${value}; give 0 to 1.`);
}
