import type { StoredPost } from '../domain/graph.ts';
import type { ImageResult } from '../domain/image.ts';
import type { PostRow } from './plan/rows.ts';

/** What a database gives of a live post. */
export type LivePostRow = Pick<
  PostRow,
  | 'id'
  | 'platform'
  | 'nativeId'
  | 'text'
  | 'url'
  | 'lang'
  | 'authorNativeId'
  | 'authorHandle'
  | 'authorName'
  | 'eventMs'
  | 'version'
  | 'skipped'
>;

/** A post as readers see it: absent values are left out. */
export function storedPost(row: LivePostRow, images: readonly ImageResult[]): StoredPost {
  const { id, platform, nativeId, text, url, lang, skipped } = row;
  return {
    id,
    platform,
    nativeId,
    text,
    ...(url === null ? {} : { url }),
    ...(lang === null ? {} : { lang }),
    author: {
      id: row.authorNativeId ?? '',
      ...(row.authorHandle === null ? {} : { handle: row.authorHandle }),
      ...(row.authorName === null ? {} : { name: row.authorName }),
    },
    eventMs: row.eventMs ?? 0,
    version: row.version ?? '0',
    images,
    ...(skipped === null ? {} : { skipped }),
  };
}
