import type { ACCOUNT_EVENTS } from '../../domain/source-event.ts';
import { readBlueskyPost, readBlueskyRepost } from './bluesky-post.ts';
import { type DecodedFrame, type FrameContent, type FrameDecoder, finishRecord } from './frame.ts';
import { parseJsonObject } from './json.ts';
import { reject } from './rejected.ts';
import { type JsonObject, objectAt, textAt, valueAt } from './values.ts';

const POST = 'app.bsky.feed.post';
const REPOST = 'app.bsky.feed.repost';
const DID = /^did:[a-z]{1,32}:[A-Za-z0-9._:%-]{1,200}$/;
const RKEY = /^[A-Za-z0-9._:~-]{1,512}$/;

/** A time beyond is a mistake, and as a version it would outrank every true one. */
const LATEST_US = Date.UTC(2100, 0, 1) * 1000;

/** Why an account is not shown, and what that is called here; `undefined`: a state of its server, not of the account. */
const STATUS: Readonly<Record<string, (typeof ACCOUNT_EVENTS)[number] | undefined>> = {
  deleted: 'account.deleted',
  takendown: 'account.takendown',
  suspended: 'account.suspended',
  deactivated: 'account.deactivated',
  desynchronized: undefined,
  throttled: undefined,
};

/** Where a frame stands in the stream and what it is about, in either version of Jetstream. */
interface Envelope {
  readonly kind: string;
  readonly did: string;
  /** Unix time in microseconds at which Jetstream saw it. */
  readonly timeUs: number;
  readonly cursor: string;
  readonly body: JsonObject;
}

/**
 * Decodes frames of Bluesky's Jetstream, version 1 and 2.
 *
 * A post's id is its AT-URI and its version the microsecond at which Jetstream saw it, so updates and a record that is
 * made again under an old key are newer versions, and a deletion acts on those before it.
 */
export class BlueskyDecoder implements FrameDecoder {
  decode(bytes: Uint8Array): DecodedFrame {
    const parsed = parseJsonObject(bytes);
    if ('rejected' in parsed) return parsed;
    const envelope = readEnvelope(parsed.record);
    return 'kind' in envelope ? { ...readEvent(envelope), cursor: envelope.cursor } : envelope;
  }
}

function readEnvelope(frame: JsonObject): Envelope | FrameContent {
  const payload = objectAt(frame, 'payload');
  const type = textAt(payload, '$type')?.split('#')[1];
  if (type === 'info') return { ignored: 'info' };
  if (valueAt(frame, '$type') === 'error') return { ignored: 'source_error' };
  const kind = type ?? textAt(frame, 'kind') ?? '';
  const body = payload ?? frame;
  const did = textAt(body, 'did');
  const timeUs = payload ? microseconds(payload) : valueAt(frame, 'time_us');
  if (!did || !DID.test(did)) return reject('schema', 'reading a frame of Bluesky: field did: expected a DID');
  if (typeof timeUs !== 'number' || !Number.isSafeInteger(timeUs) || timeUs <= 0 || timeUs >= LATEST_US) {
    return reject('schema', 'reading a frame of Bluesky: its time: expected microseconds');
  }
  const sequence = valueAt(body, 'seq');
  // A witnessed time is understood by every server; without it only the number of this one is exact.
  const exact = payload && !textAt(payload, 'witnessedAt') && Number.isSafeInteger(sequence);
  return { kind, did, timeUs, cursor: String(exact ? sequence : timeUs), body };
}

/** Version 2 writes times with six decimals; what a `Date` cannot hold is read from the text. */
function microseconds(payload: JsonObject): number | undefined {
  const time = textAt(payload, 'witnessedAt') ?? textAt(payload, 'time');
  const ms = time === undefined ? Number.NaN : Date.parse(time);
  if (Number.isNaN(ms)) return undefined;
  const digits = /\.(\d{1,6})/.exec(time ?? '')?.[1] ?? '';
  return Math.floor(ms / 1000) * 1_000_000 + Number(digits.padEnd(6, '0') || 0);
}

function readEvent(envelope: Envelope): FrameContent {
  const { kind, body } = envelope;
  if (kind === 'commit') return readCommit(envelope, objectAt(body, 'commit') ?? body);
  if (kind === 'account') return readAccount(envelope, objectAt(body, 'account') ?? {});
  if (kind === 'identity' || kind === 'sync') return { ignored: kind };
  return { ignored: 'unknown_event' };
}

function readCommit({ did, timeUs }: Envelope, commit: JsonObject): FrameContent {
  const collection = textAt(commit, 'collection');
  const rkey = textAt(commit, 'rkey');
  const operation = textAt(commit, 'operation');
  if (!collection || !rkey || !RKEY.test(rkey)) {
    return reject('schema', 'reading a frame of Bluesky: field commit: expected a collection and a record key');
  }
  if (collection !== POST && collection !== REPOST) return { ignored: 'other_collection' };
  const identity = {
    platform: 'bluesky',
    id: `at://${did}/${collection}/${rkey}`,
    author: { id: did },
    version: String(timeUs),
  };
  const context = { timestampMs: Math.floor(timeUs / 1000) };
  if (operation === 'delete') return finishRecord({ ...identity, deleted: true }, context);
  const record = objectAt(commit, 'record');
  if ((operation !== 'create' && operation !== 'update') || !record) {
    return reject('schema', 'reading a frame of Bluesky: field commit: expected a create or update with its record');
  }
  const content = collection === POST ? readBlueskyPost(did, rkey, record, timeUs) : readBlueskyRepost(record, timeUs);
  return finishRecord({ ...identity, ...content }, context);
}

function readAccount({ did, timeUs }: Envelope, account: JsonObject): FrameContent {
  const active = valueAt(account, 'active');
  if (typeof active !== 'boolean') {
    return reject('schema', 'reading a frame of Bluesky: field account.active: expected true or false');
  }
  const status = textAt(account, 'status') ?? 'deactivated';
  const hidden = Object.hasOwn(STATUS, status) ? STATUS[status] : 'account.deactivated';
  const event = active ? 'account.active' : hidden;
  if (!event) return { ignored: 'account_status' };
  const context = { timestampMs: Math.floor(timeUs / 1000) };
  const at = textAt(account, 'time') ?? new Date(context.timestampMs).toISOString();
  return finishRecord({ event, platform: 'bluesky', author: { id: did }, at }, context);
}
