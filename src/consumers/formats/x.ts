import { type DecodedFrame, type FrameDecoder, finishRecord } from './frame.ts';
import { parseJsonObject } from './json.ts';
import type { DecodeContext } from './native.ts';
import type { PostOwners } from './post-owners.ts';
import { reject } from './rejected.ts';
import { type JsonObject, objectAt, textAt } from './values.ts';
import { readCompliance } from './x-compliance.ts';
import { postIds, readTweet, readWithheld } from './x-post.ts';

/**
 * Decodes lines of the X API v2 filtered stream and of its compliance streams.
 *
 * A post's id is the first of its edit history and its version the place in it, so an edit is a new version of one post.
 */
export class XDecoder implements FrameDecoder {
  readonly #owners: PostOwners;

  constructor(owners: PostOwners) {
    this.#owners = owners;
  }

  decode(bytes: Uint8Array, context: DecodeContext = {}): DecodedFrame {
    if (isKeepAlive(bytes)) return { records: [] };
    const parsed = parseJsonObject(bytes);
    if ('rejected' in parsed) return parsed;
    const frame = parsed.record;
    const data = objectAt(frame, 'data');
    if (!data) {
      // What is wrong with the stream comes as a frame of its own; what is wrong with a post comes beside its data.
      return Array.isArray(frame['errors'])
        ? { ignored: 'source_error' }
        : reject('schema', 'reading a frame of X: field data: expected an object');
    }
    // A post may itself have a field named like an event; only an event has no id of its own.
    const compliance = 'id' in data ? undefined : readCompliance(data, this.#owners);
    if (compliance) return 'raw' in compliance ? finishRecord(compliance.raw, context) : compliance;
    return this.#decodeTweet(frame, data, context);
  }

  #decodeTweet(frame: JsonObject, data: JsonObject, context: DecodeContext): DecodedFrame {
    const content = finishRecord(readTweet(frame, data), context);
    if (!('records' in content)) return content;
    const author = textAt(data, 'author_id');
    const { root, all } = postIds(data);
    if (author) for (const id of all) this.#owners.remember(id, { author, ...(id !== root && { post: root }) });
    const withheld = readWithheld(data);
    const event = withheld && finishRecord(withheld, context);
    return event && 'records' in event ? { records: [...content.records, ...event.records] } : content;
  }
}

function isKeepAlive(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x0d || byte === 0x0a || byte === 0x20);
}
