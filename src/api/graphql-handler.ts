import { createYoga } from 'graphql-yoga';
import type { Watchlists } from '../domain/filter.ts';
import type { GraphReader } from '../graph/graph-reader.ts';
import type { PictureStore } from '../graph/picture-store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { createApiSchema } from './api-schema.ts';
import type { ApiContext } from './context.ts';
import type { CostBudget } from './cost-budget.ts';
import { createErrorMask } from './errors.ts';
import type { EventFeed } from './event-feed.ts';
import type { Admission, Gate } from './gate.ts';
import { createLoaders } from './loaders.ts';
import type { Thumbnails } from './pictures/thumbnails.ts';
import { useCostLimit } from './plugins/use-cost-limit.ts';
import { useIntrospection } from './plugins/use-introspection.ts';
import { useJsonOnly } from './plugins/use-json-only.ts';
import { useLimits } from './plugins/use-limits.ts';
import { useRefusalStatus } from './plugins/use-refusal-status.ts';
import { useScopes } from './plugins/use-scopes.ts';
import { useShallowVariables } from './plugins/use-shallow-variables.ts';
import type { Writing } from './writing.ts';

/** Longest body of a request, bytes. */
const MAX_BODY_BYTES = 100_000;

/** GraphQL over HTTP at `/graphql`: a handler for `node:http` that also answers `fetch`. */
export function createGraphqlHandler(options: {
  reader: GraphReader;
  feed: EventFeed;
  thumbnails: Thumbnails;
  pictures: PictureStore | undefined;
  writing: Writing;
  watchlists: Watchlists | undefined;
  gate: Gate;
  telemetry: Telemetry;
  budget: CostBudget | undefined;
  introspection: boolean;
}) {
  const { telemetry, budget, introspection, ...parts } = options;
  const { reader, gate } = parts;
  return createYoga<{ admission?: Admission | undefined }, ApiContext>({
    schema: createApiSchema(),
    graphqlEndpoint: '/graphql',
    context: ({ admission }) => ({ ...parts, admission, loaders: createLoaders(reader) }),
    plugins: [
      useJsonOnly(),
      useShallowVariables(),
      ...useLimits(),
      useScopes(gate),
      useIntrospection(introspection),
      useCostLimit(budget, telemetry.events),
      useRefusalStatus(),
    ],
    maskedErrors: { maskError: createErrorMask(telemetry.logger), isDev: false },
    maxRequestBodySize: MAX_BODY_BYTES,
    multipart: false,
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
