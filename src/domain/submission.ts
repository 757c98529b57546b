/** Why something that was sent is not taken, for the one who sent it. */
export interface Refusal {
  /** The field that is at fault; null where it is none alone. */
  readonly field: string | null;
  readonly message: string;
  /** In capitals, `STALE_VERSION` for instance; programs may branch on it. */
  readonly code: string;
}

/** What became of a post that was sent, or of a deletion. */
export type Kept =
  | 'created'
  | 'replaced'
  /** The graph holds exactly this. */
  | 'unchanged'
  /** Kept, but not seen: its account, or the post, is hidden now. */
  | 'hidden'
  | 'deleted'
  /** Safe in the log; consumers read it from there. */
  | 'queued';

/** A result, or why there is none. */
export type Taken<T> = { readonly taken: T } | { readonly refused: Refusal };

/** A refusal as the outcome of taking something. */
export function refuse(field: string | null, code: string, message: string): { readonly refused: Refusal } {
  return { refused: { field, code, message } };
}

/** A picture that was sent on its own, for posts that follow. */
export interface UploadedPicture {
  /** What a post names it by. */
  readonly reference: string;
  /** Hash of its bytes, hex. */
  readonly sha256: string;
  /** Pixels, as the file has them. */
  readonly width: number;
  readonly height: number;
}
