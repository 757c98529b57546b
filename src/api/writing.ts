import type { Extraction } from '../domain/extraction.ts';
import type { Post, Tombstone } from '../domain/post.ts';
import type { Kept, Taken, UploadedPicture } from '../domain/submission.ts';
import type { GraphStore } from '../graph/graph-store.ts';

/** Takes single posts. Their fields are those of the native format, not yet looked at. */
export interface PostDesk {
  /** What the model finds in a post. Nothing of it is kept. */
  preview(fields: Readonly<Record<string, unknown>>): Promise<Taken<Extraction>>;
  /** Keeps a post; one without an id gets a new one. */
  submit(fields: Readonly<Record<string, unknown>>): Promise<Taken<{ readonly post: Post; readonly kept: Kept }>>;
  /** Deletes a post for good, whatever its version. */
  remove(tombstone: Tombstone): Promise<Taken<Kept>>;
}

/** Takes pictures for posts that follow, and keeps them for a short time. */
export interface PictureDesk {
  /** The picture as posts name it, or why it cannot be read. */
  keep(bytes: Uint8Array): Promise<UploadedPicture | { readonly outcome: string }>;
}

/** What requests that change something work with. */
export interface Writing {
  readonly store: GraphStore;
  readonly posts: PostDesk;
  readonly uploads: PictureDesk;
  /** Called after each change of the graph, so that its events go out at once. */
  readonly onCommit: () => void;
}
