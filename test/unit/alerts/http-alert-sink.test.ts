import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { HttpAlertSink } from '../../../src/alerts/http/http-alert-sink.ts';
import { isWebhookSecret } from '../../../src/alerts/http/sign.ts';
import { standardWebhook } from '../../../src/alerts/http/write-json.ts';
import { urlRules, type WebPolicy } from '../../../src/network/web-policy.ts';
import { type Received, webhookReceiver } from '../../helpers/webhook-receiver.ts';

const secretOf = (bytes: number, fill: number) => `whsec_${Buffer.alloc(bytes, fill).toString('base64')}`;
const [NEW, OLD, OTHER] = [secretOf(32, 1), secretOf(24, 2), secretOf(24, 3)];
const message = {
  id: 'msg_1',
  type: 'alert.test',
  atMs: Date.parse('2026-05-15T08:00:00Z'),
  data: { name: 'Ünal' },
} as const;

const sinkOf = (url: string, policy: Partial<WebPolicy> = {}, timeoutMs = 5_000) => {
  const strict = { httpsOnly: false, ports: [], hosts: [], privateNetworks: ['127.0.0.0/8'] };
  const rules = { ...urlRules({ ...strict, ...policy }), allowPort: () => true };
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  return new HttpAlertSink({ url, write: standardWebhook([NEW, OLD]), rules, timeoutMs, resolve });
};
const verify = ({ headers, body }: Received, secret: string) =>
  new Webhook(secret).verify(body, headers as Record<string, string>);

test('a stock verifier accepts either secret, and no other', async () => {
  await using receiver = await webhookReceiver();
  await using sink = sinkOf(receiver.url);
  expect(await sink.deliver(message)).toMatchObject({ delivered: true, outcome: 'ok' });
  const request = receiver.received[0] as Received;
  const content = { type: 'alert.test', timestamp: '2026-05-15T08:00:00.000Z', data: { name: 'Ünal' } };
  for (const secret of [NEW, OLD]) expect(verify(request, secret)).toEqual(content);
  expect(() => verify(request, OTHER)).toThrow();
  expect(() => verify({ ...request, body: request.body.replace('Ünal', 'Anna') }, NEW)).toThrow();
});

test('every attempt has the same id', async () => {
  await using receiver = await webhookReceiver();
  await using sink = sinkOf(receiver.url);
  await sink.deliver(message);
  await sink.deliver(message);
  expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual(['msg_1', 'msg_1']);
});

test.each([
  [500, 'http_500'],
  [410, 'http_410'],
  [302, 'redirect'],
])('%d is no delivery, and its answer is kept', async (status, outcome) => {
  await using receiver = await webhookReceiver((response) => {
    response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end('x'.repeat(2000));
  });
  await using sink = sinkOf(receiver.url);
  expect(await sink.deliver(message)).toMatchObject({ delivered: false, outcome, answer: 'x'.repeat(500) });
  expect(receiver.received).toHaveLength(1);
});

test('a receiver that does not answer is given up', async () => {
  await using receiver = await webhookReceiver(() => {});
  await using sink = sinkOf(receiver.url, {}, 200);
  expect(await sink.deliver(message)).toMatchObject({ delivered: false, outcome: 'timeout' });
});

test('nothing is sent to an address that is not public', async () => {
  await using receiver = await webhookReceiver();
  const port = new URL(receiver.url).port;
  const urls = [
    receiver.url,
    `http://0x7f.1:${port}/`,
    `http://[::ffff:127.0.0.1]:${port}/`,
    `http://rebound.example:${port}/`,
  ];
  for (const url of ['http://169.254.169.254/latest/', ...urls]) {
    await using sink = sinkOf(url, { privateNetworks: [] });
    expect(await sink.deliver(message), url).toMatchObject({ delivered: false, outcome: 'blocked_address' });
  }
  await using plain = sinkOf(receiver.url, { httpsOnly: true });
  expect(await plain.deliver(message)).toMatchObject({ delivered: false, outcome: 'scheme' });
  expect(receiver.received).toEqual([]);
});

test.each([
  [secretOf(24, 1), true],
  [secretOf(64, 1), true],
  [secretOf(23, 1), false],
  [secretOf(65, 1), false],
  ['whsec_not base64', false],
  [Buffer.alloc(32).toString('base64'), false],
])('%s is a secret: %s', (secret, expected) => {
  expect(isWebhookSecret(secret)).toBe(expected);
});
