import { z } from 'zod';

const url = z.url({ protocol: /^https?$/, error: 'expected an http or https URL' }).max(2048);
const file = z.string().min(1);

/** A channel as rules files write it. */
export const channel = z.discriminatedUnion('kind', [
  /** The file holds the secret; of both, the newer first, while one replaces the other. */
  z.strictObject({ kind: z.literal('webhook'), url, secretFile: file }),
  /** The file, where there is one, holds a bearer token. */
  z.strictObject({ kind: z.literal('json'), url, tokenFile: file.optional() }),
  /** The address is a secret itself: the file holds it. */
  z.strictObject({ kind: z.literal('slack'), urlFile: file }),
  z.strictObject({ kind: z.literal('discord'), urlFile: file }),
  /** The file, where there is one, holds user and password, a line each. */
  z.strictObject({
    kind: z.literal('email'),
    server: z.url({ protocol: /^smtps?$/, error: 'expected smtps://HOST or smtp://HOST' }).max(2048),
    from: z.email(),
    to: z.array(z.email()).min(1).max(20),
    loginFile: file.optional(),
  }),
  /** A topic of the brokers that the settings name. */
  z.strictObject({
    kind: z.literal('kafka'),
    topic: z.string().regex(/^[\w.-]{1,249}$/, { error: 'expected the name of a topic' }),
  }),
  z.strictObject({ kind: z.literal('log') }),
]);

/** Where alerts can be sent. */
export type AlertChannel = Readonly<z.infer<typeof channel>>;
