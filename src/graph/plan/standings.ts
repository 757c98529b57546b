import { isErased, isHiding, type Marks, NO_MARKS } from './marks.ts';
import type { PlacedPost, PostRow, ResolvedPost, Standing } from './rows.ts';

/** Marks of subjects by graph id; a subject without marks is not there. */
export type MarksById = ReadonlyMap<string, Marks>;

/**
 * How the marks of a post and of its author leave it. A post of an erased author, and one published up to the deletion of
 * its account, is blanked for good, whatever order the records come in; every other mark can be taken back.
 */
export function standingOf(row: Pick<PostRow, 'id' | 'deleted' | 'authorId' | 'eventMs'>, marks: MarksById): Standing {
  if (row.deleted) return 'deleted';
  const author = (row.authorId === null ? undefined : marks.get(row.authorId)) ?? NO_MARKS;
  if (isErased(author) || (row.eventMs ?? 0) <= (author.deletedMs ?? -Infinity)) return 'blanked';
  return isHiding(author) || isHiding(marks.get(row.id) ?? NO_MARKS) ? 'hidden' : 'live';
}

/** A post as it is stored in a standing: one that is not live shows nothing, a hidden one keeps its content parked. */
export function place(post: ResolvedPost, standing: Standing): PlacedPost {
  if (standing === 'live' || standing === 'deleted') return { ...post, standing, parked: null };
  const isHidden = standing === 'hidden';
  const row = withoutContent(post.row);
  return {
    row: isHidden ? { ...row, authorId: post.row.authorId, eventMs: post.row.eventMs } : row,
    images: [],
    mentions: [],
    entities: [],
    evidence: [],
    standing,
    parked: isHidden ? JSON.stringify(post) : null,
  };
}

/** A post row with nothing in it that its author wrote or is known by. */
export function withoutContent(row: PostRow): PostRow {
  return {
    ...row,
    nativeId: '',
    text: '',
    url: null,
    lang: null,
    authorId: null,
    authorNativeId: null,
    authorHandle: null,
    authorName: null,
    eventMs: null,
    skipped: null,
  };
}
