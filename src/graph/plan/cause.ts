import type { AcceptedPost } from './runs.ts';

/** The record that caused an event. */
export interface Cause {
  readonly postId: string;
  readonly postVersion: string;
  /**
   * Names the record among those of its post: a mark with its time, or its version, and more where an earlier record of the
   * same version may already have caused an event of the same kind for the same subject.
   */
  readonly cause: string;
}

/** The record that brought an accepted post, as events name it. */
export function causeOf(post: AcceptedPost): Cause {
  const { row } = post.incoming;
  return { postId: row.id, postVersion: row.version ?? post.stored?.version ?? '0', cause: nameOf(post) };
}

function nameOf({ incoming: { row }, stored, mark }: AcceptedPost): string {
  if (mark) return `${row.version ?? ''}~${mark.subjectId}~${mark.flag}~${mark.isSet}~${mark.atMs}`;
  if (row.version !== null && row.version !== stored?.version) return row.version;
  const version = row.version ?? stored?.version ?? '';
  return row.deleted ? `${version}~deleted` : `${version}~${row.generation}~${row.contentHash}`;
}
