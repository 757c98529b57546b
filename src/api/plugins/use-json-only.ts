import type { Plugin } from 'graphql-yoga';
import { refusal } from '../errors.ts';

const JSON_BODY = /^application\/json\s*(;|$)/i;

/**
 * Refuses bodies that are not JSON with status 415: a web page may send forms and plain text to any address without
 * being asked, JSON only after a preflight.
 */
export function useJsonOnly(): Plugin {
  return {
    onRequestParse({ request }) {
      if (request.method !== 'POST' || JSON_BODY.test(request.headers.get('content-type') ?? '')) return;
      throw refusal(
        'BAD_REQUEST',
        'reading a request: the body must be JSON, with content-type application/json.',
        415,
      );
    },
  };
}
