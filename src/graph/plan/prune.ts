import type { PostState, ResolvedPost } from './rows.ts';
import { type AcceptedPost, type DecidedRun, decidedRun } from './runs.ts';
import { withoutContent } from './standings.ts';

/** The run that takes the content of posts away; the caller deletes their rows after it. */
export function pruneRun(
  states: ReadonlyMap<string, PostState>,
  contents: ReadonlyMap<string, ResolvedPost>,
  nowMs: number,
): Pick<DecidedRun, 'accepted' | 'replaced'> {
  const accepted = [...states.values()].flatMap((stored): AcceptedPost[] => {
    const content = contents.get(stored.id);
    return content ? [prunedPost(content, stored, nowMs)] : [];
  });
  return decidedRun([], accepted);
}

/** Hashes of the pictures of posts, each once. */
export function picturesOf(contents: Iterable<ResolvedPost>): readonly string[] {
  const pictures = new Set<string>();
  for (const { images } of contents) for (const { sha256 } of images) if (sha256) pictures.add(sha256);
  return [...pictures];
}

/** Its events name the time as their cause, so that a post which comes again and goes again is told of again. */
function prunedPost({ row }: ResolvedPost, stored: PostState, atMs: number): AcceptedPost {
  const nothing = { images: [], mentions: [], entities: [], evidence: [], parked: null };
  return {
    incoming: { row: { ...withoutContent(row), deleted: true }, ...nothing, standing: 'deleted' },
    stored,
    mark: { subjectId: row.id, flag: 'deleted', isSet: true, atMs },
  };
}
