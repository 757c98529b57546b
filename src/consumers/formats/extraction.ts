import { z } from 'zod';
import type { Extraction } from '../../domain/extraction.ts';
import { ACCOUNT_EVENTS, POST_EVENTS } from '../../domain/source-event.ts';
import { parseJsonObject } from './json.ts';
import { type Decoded, reject } from './rejected.ts';

const author = z.looseObject({ id: z.string() });
const span = { start: z.number().int().nonnegative(), end: z.number().int().positive() };
const p = z.number().min(0).max(1);
const region = z.tuple([p, p, p, p]);

const extractionSchema = z.looseObject({
  schema: z.literal(1),
  post: z.union([
    z.looseObject({ event: z.enum(ACCOUNT_EVENTS), platform: z.string().min(1), author, at: z.iso.datetime() }),
    z.looseObject({
      event: z.enum(POST_EVENTS),
      id: z.string().min(1),
      platform: z.string().min(1),
      author: author.optional(),
      at: z.iso.datetime(),
    }),
    z.looseObject({
      id: z.string().min(1),
      platform: z.string().min(1),
      author: author.optional(),
      deleted: z.literal(true),
    }),
    z.looseObject({
      id: z.string().min(1),
      platform: z.string().min(1),
      text: z.string(),
      author,
      createdAt: z.iso.datetime(),
      version: z.string(),
      images: z.array(z.string()),
    }),
  ]),
  extractor: z.object({ bundle: z.string(), generation: z.number().int() }),
  images: z.array(z.looseObject({ source: z.string(), outcome: z.string(), regions: z.array(region).optional() })),
  mentions: z.array(z.looseObject({ id: z.number().int(), ...span, text: z.string(), type: z.string().min(1), p })),
  relations: z.array(z.looseObject({ type: z.string().min(1), head: z.number().int(), tail: z.number().int(), p })),
});

/** Decodes one record of the `extractions` topic; spans and relation ends that point nowhere are refused. */
export function decodeExtraction(bytes: Uint8Array): Decoded<Extraction> {
  const parsed = parseJsonObject(bytes);
  if ('rejected' in parsed) return parsed;
  const result = extractionSchema.safeParse(parsed.record);
  if (!result.success) {
    const issue = result.error.issues[0];
    return reject(
      'schema',
      `reading an extraction: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unexpected shape'}`,
    );
  }
  const extraction = result.data as unknown as Extraction;
  const ids = new Set(extraction.mentions.map((mention) => mention.id));
  for (const relation of extraction.relations) {
    if (!ids.has(relation.head) || !ids.has(relation.tail)) {
      return reject('schema', 'reading an extraction: a relation names a mention that is not there');
    }
  }
  return { record: extraction };
}
