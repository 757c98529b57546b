import type { Plugin } from 'graphql-yoga';

/** Errors that are ours, not the client's. */
const OURS: ReadonlySet<unknown> = new Set(['INTERNAL_SERVER_ERROR', 'GRAPH_UNREACHABLE', 'GRAPH_TRANSIENT', 'CLOSED']);

/**
 * Answers a request that was not run with status 400, or 500 when that is our fault, whatever media type the client
 * accepts. A request that was run answers 200, also with errors.
 */
export function useRefusalStatus(): Plugin {
  return {
    onResultProcess({ result }) {
      if (!('errors' in result) || !result.errors || 'data' in result) return;
      for (const { extensions } of result.errors) {
        const http = extensions.http;
        extensions.http = { ...http, status: http?.status ?? (OURS.has(extensions.code) ? 500 : 400), spec: false };
      }
    },
  };
}
