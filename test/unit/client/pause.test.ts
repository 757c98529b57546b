import { afterEach, expect, test, vi } from 'vitest';
import { GrapevineClient } from '../../../src/client/grapevine-client.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('in a browser a client that waits tries again as soon as the network is back', async () => {
  // No time passes: only the browser's word ends the pause.
  vi.useFakeTimers();
  const browser = new EventTarget();
  const waiting = new Promise<void>((resolve) => {
    vi.stubGlobal('addEventListener', (...args: Parameters<EventTarget['addEventListener']>) => {
      browser.addEventListener(...args);
      resolve();
    });
  });
  vi.stubGlobal('removeEventListener', browser.removeEventListener.bind(browser));
  let requests = 0;
  const unsteady: typeof fetch = async () => {
    if (++requests === 1) throw new TypeError('no network');
    const event = 'event: next\ndata: {"data":{"factEvents":{"cursor":"c1"}}}\n\n';
    return new Response(event, { headers: { 'content-type': 'text/event-stream' } });
  };
  const client = new GrapevineClient({ url: 'http://graph.test', fetch: unsteady });
  const operation = 'subscription ($since: String) { factEvents(since: $since) { cursor } }';
  const events = client.subscribe(operation, {}, { since: 'c0' });
  const first = events.next();
  await waiting;
  browser.dispatchEvent(new Event('online'));
  expect((await first).value).toEqual({ factEvents: { cursor: 'c1' } });
  expect(requests).toBe(2);
  await events.return();
});
