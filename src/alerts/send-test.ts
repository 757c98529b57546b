import { randomUUID } from 'node:crypto';
import type { AlertSink, DeliveryAttempt } from './alert-sink.ts';

/** What became of a test message. */
export interface TestDelivery extends DeliveryAttempt {
  readonly id: string;
  readonly channel: string;
}

/** Delivers one test message to a channel, once. It is not in the log of deliveries. */
export async function sendTest(sink: AlertSink, channel: string): Promise<TestDelivery> {
  const id = `msg_${randomUUID().replaceAll('-', '')}`;
  const attempt = await sink.deliver({ id, type: 'alert.test', atMs: Date.now(), data: { channel } });
  return { id, channel, ...attempt };
}
