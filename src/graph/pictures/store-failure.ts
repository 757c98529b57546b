import { GrapevineError, messageOf } from '../../errors.ts';

/** A store that did not do what it was asked to; errors of ours pass as they are. */
export function storeFailure(doing: string, error: unknown): Error {
  if (error instanceof GrapevineError || error instanceof RangeError) return error;
  return new GrapevineError('PICTURE_STORE_FAILED', `${doing}: ${messageOf(error)}`, { cause: error, retryable: true });
}
