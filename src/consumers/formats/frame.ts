import type { PostRecord } from '../../domain/post.ts';
import { type DecodeContext, readNativePost } from './native.ts';
import type { Rejected } from './rejected.ts';

/** What a frame of a platform's stream turned out to be. */
export type FrameContent =
  /** Zero records: a keep-alive, or half of what two lines say together. */
  | { readonly records: readonly PostRecord[] }
  /** A frame that says nothing about public posts or their authors: one of a bounded set of reasons. */
  | { readonly ignored: string }
  | { readonly rejected: Rejected };

/** A decoded frame with the cursor that resumes behind it, where the stream has cursors. */
export type DecodedFrame = FrameContent & { readonly cursor?: string };

/** Decodes the frames or lines of one stream, in their order. No bytes make it throw. */
export interface FrameDecoder {
  decode(bytes: Uint8Array, context?: DecodeContext): DecodedFrame;
}

/** Frame formats beside the native one. */
export type FrameFormat = 'x' | 'bluesky' | 'mastodon';

/** Checks what a decoder made by the rules of the native format. */
export function finishRecord(raw: Readonly<Record<string, unknown>>, context: DecodeContext = {}): FrameContent {
  const decoded = readNativePost(raw, context);
  return 'rejected' in decoded ? decoded : { records: [decoded.record] };
}
