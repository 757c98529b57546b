/** Why bytes are not a post: the reasons of a record that ends in the dead letters before it is read. */
export type RejectReason = 'decode' | 'parse' | 'schema' | 'source' | 'too_large';

/** Bytes that are no record of the expected kind, with the reason. */
export interface Rejected {
  readonly reason: RejectReason;
  readonly message: string;
}

/** The outcome of decoding: the record, or why there is none. */
export type Decoded<T> = { readonly record: T } | { readonly rejected: Rejected };

/** A refusal as the outcome of decoding. */
export function reject(reason: RejectReason, message: string): { readonly rejected: Rejected } {
  return { rejected: { reason, message } };
}
