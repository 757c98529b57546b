import { z } from 'zod';
import { ACCOUNT_EVENTS, POST_EVENTS } from '../../domain/source-event.ts';
import { isVersion } from '../../domain/version.ts';

const MAX_PICTURES = 1000;

const id = z.string().min(1).max(512);
const shortText = z.string().max(2048);
const author = z.object({ id, handle: shortText.optional(), name: shortText.optional() });
const version = z
  .union([z.string(), z.number().int().nonnegative()])
  .transform(String)
  .refine(isVersion, 'expected decimal digits');
const platform = z.string();
const stringList = z.array(shortText).max(200);

const flags = z.array(z.string().regex(/^[a-z0-9_]{1,64}$/)).max(20);

const tombstoneSchema = z.object({
  id,
  platform,
  author: author.optional(),
  version: version.optional(),
  deleted: z.literal(true),
});

/** A post with its fields as they came. */
export type NativePost = z.infer<typeof postSchema>;

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
  urls: z.array(z.string().max(4096)).max(200).optional(),
  hashtags: stringList.optional(),
  mentions: stringList.optional(),
  facets: z
    .array(
      z.object({
        start: z.int().nonnegative(),
        end: z.int().positive(),
        kind: z.enum(['url', 'hashtag', 'mention']),
        value: z.string().max(4096),
      }),
    )
    .max(500)
    .optional(),
  sensitive: z.boolean().optional(),
  flags: flags.optional(),
  deleted: z.literal(false).optional(),
});

const eventFields = {
  platform,
  at: z.unknown().optional(),
  countries: z.array(z.string().max(16)).max(300).optional(),
  flags: flags.optional(),
};

const eventSchema = z.discriminatedUnion('event', [
  z.object({ event: z.enum(ACCOUNT_EVENTS), author, ...eventFields }),
  z.object({
    event: z.enum(POST_EVENTS),
    id,
    author: author.optional(),
    version: version.optional(),
    ...eventFields,
  }),
]);

/** An event with its fields as they came. */
export type NativeEvent = z.infer<typeof eventSchema>;

/** The schema that a record of the native format has to meet, by what it says it is. */
export function schemaOf(raw: Readonly<Record<string, unknown>>) {
  if (raw['event'] !== undefined) return eventSchema;
  return raw['deleted'] === true ? tombstoneSchema : postSchema;
}
