import { GrapevineError } from '../../errors.ts';
import type { Subgraph } from '../../graph/exploration.ts';
import { exploreSubgraph } from '../../graph/explore/subgraph.ts';
import { MAX_PAGE } from '../../graph/page.ts';
import { nodesAtMost } from '../connections.ts';
import type { ApiContext } from '../context.ts';
import { type FactArgs, wantedConditions } from '../fact-args.ts';

/** Steps from what was asked for. Three already reach most of a graph. */
const MAX_DEPTH = 3;

interface SubgraphArgs extends FactArgs {
  readonly around: readonly string[];
  readonly depth?: number | null;
  readonly maxNodes?: number | null;
}

/** `Query.subgraph`. */
export async function subgraph(_: unknown, args: SubgraphArgs, context: ApiContext): Promise<Subgraph> {
  const { around } = args;
  const depth = args.depth ?? 1;
  if (around.length > MAX_PAGE) {
    throw bad(`got ${around.length} ids in "around"; give at most ${MAX_PAGE}.`);
  }
  if (depth < 1 || depth > MAX_DEPTH) throw bad(`"depth" is ${depth}; give 1 to ${MAX_DEPTH}.`);
  const maxNodes = nodesAtMost(args.maxNodes);
  const { conditions, filter } = await wantedConditions(args, context);
  const query = { ...conditions, around, depth, maxNodes };
  if (filter && !filter.isPlain) return exploreSubgraph(context.reader, { ...query, filter });
  return context.reader.subgraph({ ...query, filter: filter?.group });
}

/** Resolvers of a part of the graph. */
export const subgraphResolvers = {
  truncated: (part: Subgraph) => part.hiddenNodes > 0 || part.hiddenEdges > 0 || partialNodes(part) > 0,
  partialNodes,
};

function partialNodes({ nodes }: Subgraph): number {
  return nodes.filter((node) => node.isPartial).length;
}

function bad(problem: string): GrapevineError {
  return new GrapevineError('BAD_REQUEST', `reading a part of the graph: ${problem}`);
}
