import type { AlertMessage } from '../alert-sink.ts';
import type { WriteAlert } from './http-alert-sink.ts';
import { webhookHeaders } from './sign.ts';

/** Standard Webhooks 1.0.0: signed with one secret, or with two while one replaces the other. */
export function standardWebhook(secrets: readonly string[]): WriteAlert {
  return ({ id, type, atMs, data }, nowMs) => {
    const body = JSON.stringify({ type, timestamp: new Date(atMs).toISOString(), data });
    return { headers: webhookHeaders({ id, atMs: nowMs, body }, secrets), body };
  };
}

/** The same message for receivers that do not know signatures; its id is in the body. */
export function plainJson(token: string | undefined): WriteAlert {
  return ({ id, type, atMs, data }: AlertMessage) => ({
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    body: JSON.stringify({ id, type, timestamp: new Date(atMs).toISOString(), data }),
  });
}
