import { createYoga } from 'graphql-yoga';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { createApiSchema } from './api-schema.ts';
import type { ApiContext } from './context.ts';
import type { CostBudget } from './cost-budget.ts';
import { createErrorMask } from './errors.ts';
import type { Admission } from './gate.ts';
import { freshLoaders } from './loaders.ts';
import { readOperations } from './operations.ts';
import { useCostLimit } from './plugins/use-cost-limit.ts';
import { useIntrospection } from './plugins/use-introspection.ts';
import { useJsonOnly } from './plugins/use-json-only.ts';
import { useLimits } from './plugins/use-limits.ts';
import { useOperations } from './plugins/use-operations.ts';
import { useRefusalStatus } from './plugins/use-refusal-status.ts';
import { useScopes } from './plugins/use-scopes.ts';
import { useShallowVariables } from './plugins/use-shallow-variables.ts';
import { useSharedEvents } from './plugins/use-shared-events.ts';

/** Longest body of a request, bytes. */
const MAX_BODY_BYTES = 100_000;

/** GraphQL over HTTP at `/graphql`: a handler for `node:http` that also answers `fetch`. */
export function createGraphqlHandler(options: {
  parts: Omit<ApiContext, 'admission' | 'loaders'>;
  telemetry: Telemetry;
  budget: CostBudget | undefined;
  introspection: boolean;
  operations: { readonly path: string; readonly isOnly: boolean } | undefined;
}) {
  const { parts, telemetry, budget, introspection, operations } = options;
  const { gate } = parts;
  const schema = createApiSchema();
  return createYoga<{ admission?: Admission | undefined }, ApiContext>({
    schema,
    graphqlEndpoint: '/graphql',
    context: ({ admission }) => ({ ...parts, admission, loaders: freshLoaders(parts) }),
    plugins: [
      useJsonOnly(),
      ...(operations ? [useOperations(readOperations(operations.path, schema), operations.isOnly)] : []),
      useShallowVariables(),
      ...useLimits(),
      useSharedEvents(),
      useScopes(gate),
      useIntrospection(introspection),
      useCostLimit(budget, telemetry.events),
      useRefusalStatus(),
    ],
    maskedErrors: { maskError: createErrorMask(telemetry.logger), isDev: false },
    maxRequestBodySize: MAX_BODY_BYTES,
    multipart: false,
    extraParamNames: operations ? ['documentId'] : [],
    // Other origins get no permission to read answers.
    cors: false,
    landingPage: false,
    // Errors are logged where they are masked.
    logging: false,
    graphiql: { title: 'Grapevine' },
    // Nine megabytes of page: loaded when somebody opens it.
    renderGraphiQL: async (page) => (await import('@graphql-yoga/render-graphiql')).renderGraphiQL(page),
  });
}
