import type { Extraction } from '../../domain/extraction.ts';
import type { Post, PostRecord, Tombstone } from '../../domain/post.ts';
import { type Kept, refuse, type Taken } from '../../domain/submission.ts';
import { GrapevineError, messageOf } from '../../errors.ts';
import { Slots } from '../../threads/slots.ts';
import { isUpload, type UploadedPictures } from '../images/uploaded-pictures.ts';
import { faultOf } from '../runtime/fault.ts';
import { readSubmission, type SubmittedFields } from './read-submission.ts';

/** Reads a post with the model. */
export type ReadPost = (post: Post) => Promise<Extraction>;

/** Keeps a post or a deletion: in the graph, or in the log that leads there. */
export type KeepRecord = (record: PostRecord) => Promise<Taken<Kept>>;

/** What a desk works with. */
export interface PostDeskOptions {
  /** Reads without keeping anything, pictures neither. */
  readonly preview: ReadPost;
  readonly keep: KeepRecord;
  readonly uploads: UploadedPictures;
  /** Whether posts that name a picture which was sent here can be kept: a process that reads the log does not have it. */
  readonly keepsUploads: boolean;
  /** System time, epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
}

/** Posts in the works at once; more wait a moment for their turn. */
const AT_ONCE = 64;
const WAIT_MS = 5_000;

/** Takes single posts from programs, as opposed to a stream of them. */
export class PostDesk {
  readonly #options: PostDeskOptions;
  readonly #slots = new Slots(AT_ONCE);

  constructor(options: PostDeskOptions) {
    this.#options = options;
  }

  /** What the model finds in a post. Nothing of it is kept. */
  preview(fields: SubmittedFields): Promise<Taken<Extraction>> {
    return this.#take(fields, true, async (post) => ({ taken: await this.#options.preview(post) }));
  }

  /** Keeps a post; the id it has, where none was given, is a new one. */
  submit(fields: SubmittedFields): Promise<Taken<{ readonly post: Post; readonly kept: Kept }>> {
    return this.#take(fields, this.#options.keepsUploads, async (post) => {
      const result = await this.#options.keep(post);
      return 'refused' in result ? result : { taken: { post, kept: result.taken } };
    });
  }

  /** Deletes a post, whatever its version; a later record of it does not bring it back. */
  remove(tombstone: Tombstone): Promise<Taken<Kept>> {
    return this.#inTurn(() => this.#options.keep(tombstone));
  }

  #take<T>(fields: SubmittedFields, takesUploads: boolean, use: (post: Post) => Promise<Taken<T>>): Promise<Taken<T>> {
    const read = readSubmission(fields, (this.#options.clock ?? Date.now)());
    if ('refused' in read) return Promise.resolve(read);
    const uploads = read.taken.images.filter(isUpload);
    if (uploads.length > 0 && !takesUploads) {
      const message = 'posts go through Kafka here, which carries no pictures; give the address of the picture';
      return Promise.resolve(refuse('images', 'UPLOAD_NOT_POSSIBLE', message));
    }
    const missing = uploads.find((reference) => !this.#options.uploads.has(reference));
    if (missing !== undefined) {
      const message = `${missing.slice(0, 80)} is not kept here, or not any more; send the picture again`;
      return Promise.resolve(refuse('images', 'UPLOAD_GONE', message));
    }
    return this.#inTurn(() => use(read.taken));
  }

  async #inTurn<T>(use: () => Promise<Taken<T>>): Promise<Taken<T>> {
    if (!(await this.#slots.enter(WAIT_MS))) return refuse(null, 'BUSY', 'too many posts are being read; try again');
    try {
      return await use();
    } catch (error) {
      const fault = faultOf(error);
      if (fault.kind !== 'record' || !(error instanceof GrapevineError)) throw error;
      return refuse(null, error.code, messageOf(error));
    } finally {
      this.#slots.leave();
    }
  }
}
