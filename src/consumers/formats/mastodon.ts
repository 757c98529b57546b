import { type DecodedFrame, type FrameContent, type FrameDecoder, finishRecord } from './frame.ts';
import { parseJsonObject } from './json.ts';
import { isStatusId, readStatus } from './mastodon-status.ts';
import type { DecodeContext } from './native.ts';
import type { PostOwners } from './post-owners.ts';
import { reject } from './rejected.ts';
import { type JsonObject, textAt, valueAt } from './values.ts';

/** What a decoder of a Mastodon stream works with. */
export interface MastodonDecoderOptions {
  /** Name of the server whose stream it is: ids are its own. */
  readonly host: string;
  readonly owners: PostOwners;
}

const utf8 = new TextDecoder();
const encoder = new TextEncoder();
const MAX_EVENT_NAME = 64;

/**
 * Decodes a Mastodon stream: messages of its WebSocket, lines of its server-sent events, or statuses by themselves.
 *
 * A post's id is HOST/ID, because a deletion names nothing else, and its version the millisecond of its last edit.
 */
export class MastodonDecoder implements FrameDecoder {
  readonly #options: MastodonDecoderOptions;
  /** Event named by the server-sent line before. */
  #event = '';

  constructor(options: MastodonDecoderOptions) {
    this.#options = options;
  }

  decode(bytes: Uint8Array, context: DecodeContext = {}): DecodedFrame {
    if (bytes[0] === 0x7b) return this.#decodeMessage(bytes, context);
    const line = utf8.decode(bytes).trimEnd();
    if (line === '' || line.startsWith(':')) return { records: [] };
    const [, field, value] = /^(event|data|id|retry):? ?(.*)$/s.exec(line) ?? [];
    if (field === 'event') this.#event = (value ?? '').slice(0, MAX_EVENT_NAME);
    else if (field === 'data') return this.#decodePayload(this.#event, value ?? '', context);
    else if (field === undefined) return reject('parse', 'reading a line of Mastodon: it is no JSON and no event');
    return { records: [] };
  }

  #decodeMessage(bytes: Uint8Array, context: DecodeContext): DecodedFrame {
    const parsed = parseJsonObject(bytes);
    if ('rejected' in parsed) return parsed;
    const event = textAt(parsed.record, 'event');
    if (event === undefined) {
      return valueAt(parsed.record, 'error') === undefined
        ? this.#decodeStatus(parsed.record, context)
        : { ignored: 'source_error' };
    }
    const payload = valueAt(parsed.record, 'payload');
    return this.#decodePayload(event, typeof payload === 'string' ? payload : JSON.stringify(payload ?? null), context);
  }

  #decodePayload(event: string, payload: string, context: DecodeContext): DecodedFrame {
    if (event === 'delete') return this.#decodeDeletion(payload.replace(/^"(.*)"$/, '$1'), context);
    if (event !== 'update' && event !== 'status.update') return { ignored: 'other_event' };
    const parsed = parseJsonObject(encoder.encode(payload));
    if ('rejected' in parsed) return parsed;
    const content = this.#decodeStatus(parsed.record, context);
    const id = textAt(parsed.record, 'id');
    // An edit may be of a post from long ago: only new posts say how far the stream is.
    return event === 'update' && id && isStatusId(id) ? { ...content, cursor: id } : content;
  }

  #decodeStatus(status: JsonObject, context: DecodeContext): FrameContent {
    const { host, owners } = this.#options;
    const read = readStatus(status, host);
    if (!('raw' in read)) return read;
    const content = finishRecord(read.raw, context);
    const [record] = 'records' in content ? content.records : [];
    if (record?.id !== undefined && record.author) owners.remember(record.id, { author: record.author.id });
    return content;
  }

  #decodeDeletion(id: string, context: DecodeContext): FrameContent {
    if (!isStatusId(id)) return reject('schema', 'reading a deletion of Mastodon: expected the id of a status');
    const post = `${this.#options.host}/${id}`;
    const owner = this.#options.owners.find(post);
    const author = owner && { id: owner.author };
    return finishRecord({ platform: 'mastodon', id: post, author, deleted: true }, context);
  }
}
