import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import { decodeEventCursor, encodeEventCursor } from '../../../src/api/event-cursor.ts';
import { EventFeed, type FeedItem } from '../../../src/api/event-feed.ts';
import type { GraphEvent } from '../../../src/domain/graph.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createTelemetry } from '../../../src/telemetry/telemetry.ts';

const POLL_MS = 5;
const all = { accepts: () => true };

/** An event log that counts who reads it and can fail. */
class Log {
  events: GraphEvent[] = [];
  reads = 0;
  readers = 0;
  mostReaders = 0;
  failing = false;

  add(count: number): void {
    const from = this.events.at(-1)?.position ?? 0;
    for (let i = 1; i <= count; i++) this.events.push({ position: from + i, kind: 'fact.created' } as GraphEvent);
  }

  async eventsAfter(position: number, limit: number): Promise<GraphEvent[]> {
    this.reads += 1;
    this.mostReaders = Math.max(this.mostReaders, ++this.readers);
    await sleep(1);
    this.readers -= 1;
    if (this.failing) throw new Error('away');
    return this.events.filter((event) => event.position > position).slice(0, limit);
  }

  async lastPosition(): Promise<number> {
    return this.events.at(-1)?.position ?? 0;
  }
}

let log: Log;
let feed: EventFeed<GraphEvent>;

beforeEach(() => {
  log = new Log();
  const { events } = createTelemetry(createLogger('silent'));
  feed = new EventFeed({ log, events, pollMs: POLL_MS, maxSubscribers: 3 });
  return () => feed.close();
});

async function take(items: AsyncIterator<FeedItem>, count: number): Promise<FeedItem[]> {
  const taken: FeedItem[] = [];
  while (taken.length < count) {
    const { value, done } = await items.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

const positions = (items: readonly FeedItem[]) => items.map((item) => item.event.position);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('without a start only new events come', async () => {
  log.add(5);
  const items = await feed.open(all);
  log.add(3);
  expect(positions(await take(items, 3))).toEqual([6, 7, 8]);
});

test('heartbeats say where to go on, at once and whenever nothing was told for a while', async () => {
  log.add(5);
  const items = await feed.open({ accepts: ({ position }) => position === 8, heartbeatMs: 10 });
  expect((await items.next()).value).toMatchObject({ position: 5, gap: false });
  log.add(3);
  const seen: (number | undefined)[] = [];
  for await (const { event } of items) if (seen.push(event?.position) && event) break;
  expect(seen.at(-1)).toBe(8);
  const later = await feed.open({ accepts: () => false, since: 2, heartbeatMs: 10 });
  for await (const item of later) if (!item.event && item.position === 8) break;
});

test('from a start every event comes once, across the log and the window', async () => {
  log.add(700);
  const items = await feed.open({ ...all, since: 10 });
  const first = await take(items, 5);
  log.add(1500);
  await sleep(10 * POLL_MS);
  log.add(100);
  const rest = await take(items, 2300 - 15);
  expect(positions([...first, ...rest])).toEqual(range(11, 2300));
  expect(rest.some((item) => item.gap)).toBe(false);
});

test('a subscriber that does not read delays nobody and misses nothing', async () => {
  const idle = await feed.open(all);
  const busy = await feed.open(all);
  log.add(1);
  await take(idle, 1);
  log.add(5000);
  expect(positions(await take(busy, 5001))).toEqual(range(1, 5001));
  expect(positions(await take(idle, 5000))).toEqual(range(2, 5001));
});

test('one poller serves all and rests when nobody listens', async () => {
  const [a, b] = [await feed.open(all), await feed.open(all)];
  const pending = [a.next(), b.next()];
  await sleep(20 * POLL_MS);
  expect(log.mostReaders).toBe(1);
  expect(feed.subscribers).toBe(2);
  await Promise.all([a.return?.(), b.return?.(), ...pending]);
  await sleep(4 * POLL_MS);
  const rested = log.reads;
  await sleep(10 * POLL_MS);
  expect(feed.subscribers).toBe(0);
  expect(log.reads).toBe(rested);
});

test('a new subscriber after the rest gets new events', async () => {
  const first = await feed.open(all);
  log.add(1);
  await take(first, 1);
  await first.return?.();
  log.add(4);
  const second = await feed.open({ ...all, since: 2 });
  expect(positions(await take(second, 3))).toEqual([3, 4, 5]);
});

test('says when the log no longer holds what came before an event', async () => {
  log.add(10);
  log.events.splice(0, 6);
  const items = await feed.open({ ...all, since: 3 });
  const taken = await take(items, 4);
  expect(taken.map((item) => [item.event.position, item.gap])).toEqual([
    [7, true],
    [8, false],
    [9, false],
    [10, false],
  ]);
});

test('a position beyond the log is one of an earlier graph: what comes now has a gap before it', async () => {
  log.add(2);
  const items = await feed.open({ ...all, since: 50 });
  log.add(1);
  expect(await take(items, 1)).toMatchObject([{ event: { position: 3 }, gap: true }]);
});

test('a gap before an event that is filtered out is told with the next one', async () => {
  log.add(10);
  log.events.splice(0, 6);
  const items = await feed.open({ since: 3, accepts: (event) => event.position > 8 });
  expect(await take(items, 2)).toMatchObject([
    { event: { position: 9 }, gap: true },
    { event: { position: 10 }, gap: false },
  ]);
});

test('goes on after the log could not be read', async () => {
  const items = await feed.open(all);
  const next = take(items, 2);
  log.failing = true;
  await sleep(4 * POLL_MS);
  log.add(2);
  log.failing = false;
  expect(positions(await next)).toEqual([1, 2]);
});

test('closing ends every subscription and refuses further ones', async () => {
  const items = await feed.open(all);
  const next = items.next();
  await sleep(POLL_MS);
  feed.close();
  expect((await next).done).toBe(true);
  await expect(feed.open(all)).rejects.toMatchObject({ code: 'CLOSED' });
});

test('more subscribers than the cap are refused', async () => {
  const open = [await feed.open(all), await feed.open(all), await feed.open(all)];
  const pending = open.map((items) => items.next());
  await sleep(POLL_MS);
  await expect(feed.open(all)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  feed.close();
  await Promise.all(pending);
});

test('a cursor stands for its position; anything else is refused', () => {
  expect(decodeEventCursor(encodeEventCursor(41))).toBe(41);
  const raw = (text: string) => Buffer.from(text).toString('base64url');
  for (const bad of [
    '',
    'x',
    '41',
    raw('event:'),
    raw('event:-1'),
    raw('event:1.5'),
    raw('event:041'),
    raw('event:1e3'),
    raw('41'),
  ]) {
    expect(() => decodeEventCursor(bad), bad).toThrowError(expect.objectContaining({ code: 'BAD_CURSOR' }));
  }
});
