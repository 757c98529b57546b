import { createHmac } from 'node:crypto';

/** What is signed: one attempt to deliver a message. */
export interface SignedAttempt {
  /** The same on every attempt, so that the receiver can drop what it has. */
  readonly id: string;
  /** When this attempt is made, epoch milliseconds. */
  readonly atMs: number;
  readonly body: string;
}

const PREFIX = 'whsec_';

/** True for `whsec_` and the base64 of 24 to 64 bytes. */
export function isWebhookSecret(text: string): boolean {
  if (!text.startsWith(PREFIX)) return false;
  const encoded = text.slice(PREFIX.length);
  const key = Buffer.from(encoded, 'base64');
  return key.toString('base64') === encoded && key.length >= 24 && key.length <= 64;
}

/**
 * Headers of Standard Webhooks 1.0.0. While a secret is being replaced the message is signed with both, and the receiver
 * accepts whichever it knows.
 */
export function webhookHeaders({ id, atMs, body }: SignedAttempt, secrets: readonly string[]): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
