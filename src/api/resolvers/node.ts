import type { Loaders } from '../loaders.ts';

/** Object types that `node` finds, by the prefix of their ids. */
const KINDS = {
  ent: { type: 'Entity', loader: 'entities' },
  fact: { type: 'Fact', loader: 'facts' },
  post: { type: 'Post', loader: 'posts' },
  men: { type: 'Mention', loader: 'mentions' },
} as const;

function kindOf(id: string): (typeof KINDS)[keyof typeof KINDS] | undefined {
  const prefix = id.slice(0, id.indexOf('_'));
  return Object.hasOwn(KINDS, prefix) ? KINDS[prefix as keyof typeof KINDS] : undefined;
}

/** The object with an id of any kind, undefined when there is none. */
export async function loadNode(id: string, loaders: Loaders): Promise<{ readonly id: string } | undefined> {
  const kind = kindOf(id);
  return kind && loaders[kind.loader].load(id);
}

/** Resolvers of the Node interface. */
export const nodeResolvers = {
  __resolveType: (node: { readonly id: string }) => kindOf(node.id)?.type,
};
