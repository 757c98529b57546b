import { randomUUID } from 'node:crypto';
import type { Post } from '../../domain/post.ts';
import { refuse, type Taken } from '../../domain/submission.ts';
import { readNativePost } from '../formats/native.ts';

/** Fields of the native format as a program gives them, not yet looked at. */
export type SubmittedFields = Readonly<Record<string, unknown>>;

const FIELD = /^reading a post: field ([\w.]+): (.*)$/s;

/** Reads a post that a program sends: its id is a new one and its time is now where it gives none. */
export function readSubmission(fields: SubmittedFields, nowMs: number): Taken<Post> {
  const { id, createdAt, ...others } = fields;
  const record = { ...others, id: id ?? randomUUID(), createdAt: createdAt ?? new Date(nowMs).toISOString() };
  const decoded = readNativePost(record, { timestampMs: nowMs });
  if ('rejected' in decoded) {
    const { reason, message } = decoded.rejected;
    const [, field, what] = FIELD.exec(message) ?? [];
    if (reason === 'source')
      return refuse('platform', 'BAD_POST', `${message}: letters, digits, dot, dash, underscore`);
    return refuse(field?.split('.')[0] ?? null, 'BAD_POST', what === undefined ? message : `${field}: ${what}`);
  }
  // The fields of a program are those of a post: `deleted` and `event` are not among them.
  const post = decoded.record as Post;
  if (post.flags?.includes('bad_created_at')) {
    const message = `createdAt: ${JSON.stringify(String(createdAt).slice(0, 64))} is no instant between 2000 and 2100`;
    return refuse('createdAt', 'BAD_POST', `${message}; give ISO 8601, 2026-03-01T12:00:00Z for instance`);
  }
  return { taken: post };
}
