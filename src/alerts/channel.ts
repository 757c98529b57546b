import { z } from 'zod';

/** Where alerts can be sent. */
export interface AlertChannel {
  readonly kind: 'webhook';
  readonly url: string;
  /** File of the secret; of both, the newer first, while one replaces the other. */
  readonly secretFile: string;
}

/** A channel as rules files write it. */
export const channel = z.strictObject({
  kind: z.enum(['webhook']),
  url: z.url({ protocol: /^https?$/, error: 'expected an http or https URL' }).max(2048),
  secretFile: z.string().min(1),
});
