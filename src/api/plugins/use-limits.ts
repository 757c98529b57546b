import { EnvelopArmor } from '@escape.tech/graphql-armor';

/** Limits on the text of an operation, under which every documented query passes with room. Introspection counts as tokens only. */
const LIMITS = { depth: 16, aliases: 30, directives: 50, tokens: 2000 };

/** Plugins that refuse operations which nest too deep, repeat themselves too often or are too long. */
export function useLimits(): readonly object[] {
  return new EnvelopArmor({
    maxDepth: { n: LIMITS.depth, flattenFragments: true },
    maxAliases: { n: LIMITS.aliases },
    maxDirectives: { n: LIMITS.directives },
    maxTokens: { n: LIMITS.tokens },
    // Its count is blind to variables and default page lengths: see `useCostLimit`.
    costLimit: { enabled: false },
  }).protect().plugins;
}
