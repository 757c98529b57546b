import { z } from 'zod';
import type { GivenInput } from '../../domain/model-input.ts';
import type { PostRecord } from '../../domain/post.ts';
import { parseJsonObject } from './json.ts';
import { type DecodeContext, describeIssue, MAX_TEXT_UNITS, readNativePost } from './native.ts';
import { type Decoded, reject } from './rejected.ts';

const MAX_REGIONS = 3;
const edge = z.number().min(-1e6).max(1e6);
const range = z.tuple([z.int().nonnegative(), z.int().positive()]).refine(([start, end]) => start < end, 'is empty');

const givenSchema = z
  .object({
    words: z.array(z.string()).optional(),
    regions: z
      .array(z.tuple([edge, edge, edge, edge]))
      .max(MAX_REGIONS)
      .optional(),
    pairs: z
      .array(z.object({ head: range, tail: range }))
      .max(10_000)
      .optional(),
  })
  .superRefine(({ words, pairs }, context) => {
    if (!pairs || pairs.length === 0) return;
    const problem = (message: string, path: (string | number)[]) =>
      context.addIssue({ code: 'custom', message, path: ['pairs', ...path] });
    if (!words) problem('need words, whose places they name', []);
    else
      pairs.forEach((pair, i) => {
        for (const end of ['head', 'tail'] as const) {
          if (pair[end][1] > words.length) problem(`ends behind the last of ${words.length} words`, [i, end]);
        }
      });
  });

/**
 * Decodes posts that may bring results of earlier steps along: the native format with `words`, `regions` and `pairs`.
 *
 * A post with words needs no text, which is the words joined by one space; another text is refused.
 */
export class ReproducibleDecoder {
  readonly #given = new WeakMap<PostRecord, GivenInput>();

  /** A record as a post. */
  readonly decode = (bytes: Uint8Array, context: DecodeContext = {}): Decoded<PostRecord> => {
    const parsed = parseJsonObject(bytes);
    if ('rejected' in parsed) return parsed;
    const { words, regions, pairs, ...record } = parsed.record;
    if ((words ?? regions ?? pairs ?? null) === null) return readNativePost(record, context);
    const result = givenSchema.safeParse(Object.fromEntries(present({ words, regions, pairs })));
    if (!result.success) return reject('schema', `reading a post: ${describeIssue(result.error)}`);
    const given = result.data as GivenInput;
    const text = given.words?.join(' ');
    if (text !== undefined && typeof record['text'] === 'string' && record['text'] !== text) {
      return reject('schema', 'reading a post: field text: is not its words joined by one space');
    }
    if (text !== undefined && text.length > MAX_TEXT_UNITS) {
      return reject('schema', `reading a post: field words: longer than ${MAX_TEXT_UNITS} characters together`);
    }
    const decoded = readNativePost(text === undefined ? record : { ...record, text }, context);
    if ('record' in decoded) this.#given.set(decoded.record, given);
    return decoded;
  };

  /** What came with a post that this decoder made. */
  readonly givenOf = (post: PostRecord): GivenInput | undefined => this.#given.get(post);
}

function present(fields: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
}
