import type { z } from 'zod';
import type { Post, PostRecord, Tombstone } from '../../domain/post.ts';
import type { SourceEvent } from '../../domain/source-event.ts';
import { parseJsonObject } from './json.ts';
import { type NativeEvent, type NativePost, schemaOf } from './native-schema.ts';
import { type Decoded, reject } from './rejected.ts';

/** Longest text that is kept, UTF-16 code units; what is beyond it is cut and flagged `text_truncated`. */
export const MAX_TEXT_UNITS = 100_000;
const PLATFORM = /^[a-z][a-z0-9._-]{0,31}$/;
const ISO_INSTANT = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/;
/** Dates outside are mistakes of a clock or of a converter. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);

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
  const result = schemaOf(raw).safeParse(raw);
  if (!result.success) return reject('schema', `reading a post: ${describeIssue(result.error)}`);
  const { data } = result;
  if (!PLATFORM.test(data.platform)) {
    return reject('source', `reading a post: ${JSON.stringify(data.platform.slice(0, 64))} is no platform name`);
  }
  if ('event' in data) return { record: finishEvent(data, context) };
  if (data.deleted) return { record: compact(data) as unknown as Tombstone };
  return { record: finishPost(data as NativePost, context) };
}

function finishPost(data: NativePost, context: DecodeContext): Post {
  const text = cutText(data.text);
  const created = instantOf(data.createdAt, context);
  const marks = [
    ...(data.flags ?? []),
    ...(text === data.text ? [] : ['text_truncated']),
    ...(created.repaired ? ['bad_created_at'] : []),
  ];
  const facets = data.facets?.filter(({ start, end }) => start < end && end <= text.length);
  return compact({ ...data, text, createdAt: created.iso, facets, flags: flagsOf(marks) }) as unknown as Post;
}

function finishEvent(data: NativeEvent, context: DecodeContext): SourceEvent {
  const { iso, repaired } = instantOf(data.at, context);
  const marks = [...(data.flags ?? []), ...(repaired ? ['bad_at'] : [])];
  return compact({ ...data, at: iso, flags: flagsOf(marks) }) as unknown as SourceEvent;
}

function flagsOf(marks: readonly string[]): readonly string[] | undefined {
  return marks.length > 0 ? [...new Set(marks)] : undefined;
}

/** A time that can be right, else when the source received the record, where that can. */
function instantOf(value: unknown, context: DecodeContext): { iso: string; repaired: boolean } {
  const ms = parseInstant(value);
  if (isPlausible(ms)) return { iso: new Date(ms).toISOString(), repaired: false };
  const received = context.timestampMs ?? 0;
  return { iso: new Date(isPlausible(received) ? received : 0).toISOString(), repaired: true };
}

function isPlausible(ms: number): boolean {
  return ms >= EARLIEST_MS && ms < LATEST_MS;
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
