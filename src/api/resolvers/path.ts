import type { Entity } from '../../domain/graph.ts';
import { GrapevineError } from '../../errors.ts';
import type { Path, Paths } from '../../graph/exploration.ts';
import { findPaths } from '../../graph/explore/paths.ts';
import type { ApiContext } from '../context.ts';
import { type FactArgs, wantedConditions } from '../fact-args.ts';
import type { Loaders } from '../loaders.ts';

const DEFAULT_DEPTH = 4;
const MAX_DEPTH = 6;

interface PathArgs extends FactArgs {
  readonly from: string;
  readonly to: string;
  readonly maxDepth?: number | null;
}

/** `Query.path`. */
export async function path(_: unknown, args: PathArgs, context: ApiContext): Promise<Paths> {
  const { reader, loaders } = context;
  const maxDepth = args.maxDepth ?? DEFAULT_DEPTH;
  if (maxDepth < 1 || maxDepth > MAX_DEPTH) {
    throw new GrapevineError('BAD_REQUEST', `finding a path: "maxDepth" is ${maxDepth}; give 1 to ${MAX_DEPTH}.`);
  }
  const { conditions, filter } = await wantedConditions(args, context);
  const [from, to] = await Promise.all([loaders.entities.load(args.from), loaders.entities.load(args.to)]);
  if (!from || !to) return { paths: [], isPartial: false };
  const query = { ...conditions, fromId: from.id, toId: to.id, maxDepth };
  const isPlain = filter?.isPlain ?? true;
  const found = await (isPlain
    ? reader.paths({ ...query, filter: filter?.group })
    : findPaths(reader, { ...query, filter }));
  // What was retracted while the search went on is no path any more.
  const entities = await Promise.all(found.paths.map((one) => entitiesOf(one, loaders)));
  return { ...found, paths: found.paths.filter((_path, index) => entities[index]?.every(Boolean)) };
}

/** Resolvers of a path. */
export const pathResolvers = {
  length: ({ facts }: Path) => facts.length,
  entities: (one: Path, _: unknown, { loaders }: ApiContext) => entitiesOf(one, loaders),
};

function entitiesOf({ entityIds }: Path, loaders: Loaders): Promise<readonly (Entity | undefined)[]> {
  return Promise.all(entityIds.map((id) => loaders.entities.load(id)));
}
