import type { Plugin } from 'graphql-yoga';
import { refusal } from '../errors.ts';
import { type Operations, operationHash } from '../operations.ts';

/** What a request may say of the document it means, beside its text. */
interface Named {
  readonly documentId?: unknown;
  readonly extensions?: { readonly persistedQuery?: { readonly sha256Hash?: unknown } | null } | null | undefined;
}

const HASH = /^(?:sha256:)?([0-9a-f]{64})$/;

/**
 * Runs documents that are asked for by the SHA-256 of their text: as `extensions.persistedQuery.sha256Hash`, or as
 * `documentId`. With `isOnly` nothing else is run, not even what those who wrote the documents would write.
 */
export function useOperations(operations: Operations, isOnly: boolean): Plugin {
  return {
    onParams({ params, setParams }) {
      const hash = hashIn(params as Named);
      if (hash === undefined) {
        if (!isOnly || (typeof params.query === 'string' && operations.has(operationHash(params.query)))) return;
        throw refusal(
          'OPERATION_NOT_PERSISTED',
          'running an operation: only those that this server keeps are run; name one by the SHA-256 of its text.',
          403,
        );
      }
      if (typeof params.query === 'string' && operationHash(params.query) !== hash) {
        throw refusal('BAD_REQUEST', 'running an operation: the text is not that of the hash.', 400);
      }
      const query = operations.get(hash) ?? (isOnly ? undefined : params.query);
      // The words by which clients know that they have to send the text as well.
      if (typeof query !== 'string') throw refusal('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound', 404);
      setParams({ ...params, query });
    },
  };
}

/** The hash that a request names. @throws {BAD_REQUEST} when what it names is none. */
function hashIn({ documentId, extensions }: Named): string | undefined {
  const named = documentId ?? extensions?.persistedQuery?.sha256Hash;
  if (named == null) return undefined;
  const [, hash] = (typeof named === 'string' && HASH.exec(named)) || [];
  if (hash !== undefined) return hash;
  throw refusal('BAD_REQUEST', 'running an operation: its hash is no SHA-256 of 64 small hex digits.', 400);
}
