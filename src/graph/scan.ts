import type { Decision } from '../domain/decision.ts';
import type { Entity, Evidence, Fact, StoredMention, StoredPost } from '../domain/graph.ts';
import type { Marks } from './plan/marks.ts';
import type { FactRow, ResolvedPost, Standing } from './plan/rows.ts';

/** A post with everything it was stored with, parked or not. */
export interface StandingPost {
  readonly standing: Standing;
  readonly post: ResolvedPost;
}

/** A post or author with what is said about it. */
export interface MarkedSubject {
  readonly id: string;
  readonly marks: Marks;
}

/** What a scan gives of each kind. */
export interface ScanRows {
  readonly entities: Entity;
  readonly facts: Fact;
  readonly posts: StoredPost;
  readonly mentions: StoredMention;
  readonly evidence: Evidence;
  /** All posts, those without content included. */
  readonly contents: StandingPost;
  /** What platforms say about posts and accounts beside content. */
  readonly marks: MarkedSubject;
  /** Retracted facts as they last were. */
  readonly past: FactRow;
  /** What people decided, oldest first. */
  readonly decisions: Decision;
}

/** Rows of one kind after an id, in the order of their ids. */
export interface ScanRequest {
  readonly kind: keyof ScanRows;
  readonly after: string;
  readonly limit: number;
}

/** Part of a scan. */
export interface ScanPart<T> {
  readonly rows: readonly T[];
  /** Where to go on; undefined at the end. */
  readonly next: string | undefined;
}

const ROWS_PER_READ = 1000;

/** All rows, read a part at a time: what is written meanwhile may be there or not, what is there all the time is. */
export async function* scanParts<T>(read: (after: string, limit: number) => Promise<ScanPart<T>>): AsyncIterable<T> {
  let after: string | undefined = '';
  while (after !== undefined) {
    const part: ScanPart<T> = await read(after, ROWS_PER_READ);
    yield* part.rows;
    after = part.next;
  }
}

/** Where to go on behind the ids of a part. */
export function nextOf(ids: readonly { readonly id: string }[], limit: number): string | undefined {
  return ids.length < limit ? undefined : ids.at(-1)?.id;
}

/** A post of a scan: none where its content went while it was read. */
export function standingPost(standing: Standing, post: ResolvedPost | undefined): readonly StandingPost[] {
  if (!post) return [];
  return [{ standing, post: { ...post, row: { ...post.row, deleted: standing === 'deleted' } } }];
}
