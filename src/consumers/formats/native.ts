import { z } from 'zod';
import type { Post, PostRecord, Tombstone } from '../../domain/post.ts';
import { isVersion } from '../../domain/version.ts';
import { parseJsonObject } from './json.ts';
import { type Decoded, reject } from './rejected.ts';

/** Longest text that is kept, UTF-16 code units; what is beyond it is cut and flagged `text_truncated`. */
export const MAX_TEXT_UNITS = 100_000;
const MAX_PICTURES = 1000;
const PLATFORM = /^[a-z][a-z0-9._-]{0,31}$/;
const ISO_INSTANT = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/;
/** Dates outside are mistakes of a clock or of a converter. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);

const id = z.string().min(1).max(512);
const shortText = z.string().max(2048);
const author = z.object({ id, handle: shortText.optional(), name: shortText.optional() });
const version = z
  .union([z.string(), z.number().int().nonnegative()])
  .transform(String)
  .refine(isVersion, 'expected decimal digits');
const platform = z.string();
const stringList = z.array(shortText).max(200);

const tombstoneSchema = z.object({
  id,
  platform,
  author: author.optional(),
  version: version.optional(),
  deleted: z.literal(true),
});

const postSchema = z.object({
  id,
  platform,
  text: z.string(),
  author,
  createdAt: z.unknown().optional(),
  version: version.default('0'),
  images: z.array(z.string().max(4096)).max(MAX_PICTURES).default([]),
  alt: z.array(z.string().max(4096)).max(MAX_PICTURES).optional(),
  lang: z.string().max(64).optional(),
  url: z.string().max(4096).optional(),
  repostOf: id.optional(),
  replyTo: id.optional(),
  quoteOf: id.optional(),
  hashtags: stringList.optional(),
  mentions: stringList.optional(),
  deleted: z.literal(false).optional(),
});

/** What the source knows about a record beside its bytes. */
export interface DecodeContext {
  /** When the source received it, epoch milliseconds: stands in for a date that cannot be right. A file has no such time: 1970 then. */
  readonly timestampMs?: number;
}

/** Decodes one record of the native format (`docs/native-format.md`). Unknown fields are ignored. */
export function decodeNativePost(bytes: Uint8Array, context: DecodeContext = {}): Decoded<PostRecord> {
  const parsed = parseJsonObject(bytes);
  return 'rejected' in parsed ? parsed : readNativePost(parsed.record, context);
}

/** Reads a parsed record of the native format. */
export function readNativePost(
  record: Readonly<Record<string, unknown>>,
  context: DecodeContext = {},
): Decoded<PostRecord> {
  const raw = withoutNulls(record);
  const result = raw['deleted'] === true ? tombstoneSchema.safeParse(raw) : postSchema.safeParse(raw);
  if (!result.success) return reject('schema', `reading a post: ${describeIssue(result.error)}`);
  if (!PLATFORM.test(result.data.platform)) {
    return reject('source', `reading a post: ${JSON.stringify(result.data.platform.slice(0, 64))} is no platform name`);
  }
  if (result.data.deleted) return { record: compact(result.data) as unknown as Tombstone };
  return { record: finishPost(result.data as z.infer<typeof postSchema>, context) };
}

function finishPost(data: z.infer<typeof postSchema>, context: DecodeContext): Post {
  const flags: string[] = [];
  const text = cutText(data.text);
  if (text !== data.text) flags.push('text_truncated');
  const createdMs = parseInstant(data.createdAt);
  const plausible = createdMs >= EARLIEST_MS && createdMs < LATEST_MS;
  if (!plausible) flags.push('bad_created_at');
  const createdAt = new Date(plausible ? createdMs : (context.timestampMs ?? 0)).toISOString();
  return compact({ ...data, text, createdAt, flags: flags.length > 0 ? flags : undefined }) as unknown as Post;
}

/** Milliseconds of an ISO 8601 instant; one without an offset is UTC on every machine. NaN for anything else. */
function parseInstant(value: unknown): number {
  const parts = typeof value === 'string' ? ISO_INSTANT.exec(value) : null;
  return parts ? Date.parse(`${parts[1]}T${parts[2] ?? '00:00:00'}${parts[3] ?? 'Z'}`) : Number.NaN;
}

/** Cuts at the limit without leaving half a surrogate pair. */
function cutText(text: string): string {
  if (text.length <= MAX_TEXT_UNITS) return text;
  const last = text.charCodeAt(MAX_TEXT_UNITS - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? MAX_TEXT_UNITS - 1 : MAX_TEXT_UNITS);
}

/** Sources write null where they mean absent. */
function withoutNulls(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));
}

function compact<T extends object>(record: T): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}

/** The first problem of a record, with its place. */
export function describeIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (!issue) return 'it does not have the expected fields';
  const path = issue.path.join('.');
  return `${path === '' ? 'the record' : `field ${path}`}: ${issue.message}`;
}
