// What the page costs its reader: 2,000 entities and 5,000 links on the screen while 20 changes a second come in.
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { sketch } from '../test/helpers/api-extractions.ts';
import { openTestApi, type TestApi } from '../test/helpers/api-server.ts';
import { openBrowser, requireBrowser } from '../test/helpers/browser.ts';
import { openPage } from '../test/helpers/page.ts';
import { mainThreadFrames, type TraceEvent } from './harness/trace.ts';

/** How the page is measured. */
export interface PageBench {
  readonly seconds: number;
  /** Also for ten minutes, to see memory grow, if it does. */
  readonly long: boolean;
  tell(line: string): void;
}

/** What was measured. Times are milliseconds, memory is bytes. */
export interface PageReport {
  readonly entities: number;
  readonly links: number;
  readonly changes: number;
  readonly frames: number;
  readonly framesPerSecond: number;
  /** Script and layout on the main thread, a frame. */
  readonly frameP50: number;
  readonly frameP95: number;
  /** From a click or key to the next paint. */
  readonly interactionP95: number;
  readonly firstViewMs: number;
  readonly heap: readonly number[];
}

const PAGE = fileURLToPath(new URL('../dist/web', import.meta.url));
const ENTITIES = 2000;
const LINKS = 5000;
const CHANGE_MS = 50;
const LONG_MINUTES = 10;

/** Opens the page on a large graph that changes, and reads a trace. Undefined without a browser. */
export async function benchPage({ seconds, long, tell }: PageBench): Promise<PageReport | undefined> {
  const path = requireBrowser();
  if (path === undefined) return undefined;
  await using api = await openTestApi({ page: PAGE });
  tell(`writing ${LINKS} links between ${ENTITIES} entities`);
  await fill(api);
  const browser = await openBrowser(path);
  try {
    const start = performance.now();
    const { page, problems } = await openPage(browser, api.url, { hash: `#n=${ENTITIES}` });
    await page.locator('.stage canvas').first().waitFor();
    const firstViewMs = performance.now() - start;
    await page.getByRole('application', { name: /Graph of (1,9\d\d|2,000) entities/ }).waitFor();
    // The layout has come to rest: what is measured is the stream, not the start.
    await page.waitForTimeout(10_000);
    await page.evaluate(watchInteractions);
    tell(`changing it every ${CHANGE_MS} ms for ${seconds} s`);
    await browser.startTracing(page, {
      categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'toplevel'],
    });
    const made = await change(api, seconds, () => touch(page));
    const trace = await browser.stopTracing();
    const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
    const frames = mainThreadFrames(traceEvents).toSorted((a, b) => a - b);
    const interactions = (await page.evaluate(() => (globalThis as unknown as Watched).interactions)).toSorted(
      (a, b) => a - b,
    );
    const heap = long ? await watchHeap(api, page, tell) : [];
    if (problems.length > 0) throw new Error(`measuring the page: it reported ${problems.join('; ')}`);
    return {
      entities: ENTITIES,
      links: LINKS,
      changes: made,
      frames: frames.length,
      framesPerSecond: frames.length / seconds,
      frameP50: part(frames, 0.5),
      frameP95: part(frames, 0.95),
      interactionP95: part(interactions, 0.95),
      firstViewMs,
      heap,
    };
  } finally {
    await browser.close();
  }
}

interface Watched {
  interactions: number[];
}

function watchInteractions(): void {
  const watched = globalThis as unknown as Watched;
  watched.interactions = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if ('interactionId' in entry && entry.interactionId !== 0) watched.interactions.push(entry.duration);
    }
  }).observe({ type: 'event', durationThreshold: 16, buffered: false } as PerformanceObserverInit);
}

async function fill(api: TestApi): Promise<void> {
  const posts = Array.from({ length: LINKS }, (_, i) => {
    const from = i % ENTITIES;
    // Some are linked to very many, as in life.
    const to = Math.floor(ENTITIES * (((i * 7919) % LINKS) / LINKS) ** 2);
    return link(`post ${i}`, from, to === from ? (to + 1) % ENTITIES : to, i);
  });
  for (let i = 0; i < posts.length; i += 500) await api.store.replacePosts(posts.slice(i, i + 500));
  await api.relay();
}

function link(id: string, from: number, to: number, minute: number) {
  const relations = [{ type: '/per/per/peer', head: 0, tail: 1 }];
  return sketch({ id, text: `[Person ${from}|PER] meets [Person ${to}|PER]`, relations, minute });
}

/** Changes made in this run: each is another one, however long it takes. */
let changes = 0;

async function change(api: TestApi, seconds: number, touch: () => Promise<void>): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let made = 0;
  let touching = Promise.resolve();
  while (performance.now() < end) {
    const start = performance.now();
    const n = LINKS + changes++;
    const [from, to] = [(n * 31) % ENTITIES, (n * 17 + 5 * Math.floor(n / ENTITIES)) % ENTITIES];
    await api.store.replacePosts([link(`change ${n}`, from, to === from ? (to + 1) % ENTITIES : to, n)]);
    await api.relay();
    made++;
    if (made % 20 === 0) touching = touching.then(touch);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, CHANGE_MS - (performance.now() - start))));
  }
  await touching;
  return made;
}

/** What a person does every second: begins to search, and thinks again. */
async function touch(page: Page): Promise<void> {
  for (const key of ['/', 'p', 'Backspace', 'Escape']) await page.keyboard.press(key);
}

async function watchHeap(api: TestApi, page: Page, tell: (line: string) => void): Promise<number[]> {
  const heap: number[] = [];
  const session = await page.context().newCDPSession(page);
  for (let minute = 0; minute <= LONG_MINUTES; minute++) {
    if (minute > 0) await change(api, 60, async () => {});
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    tell(`minute ${minute}: ${(usedSize / 1e6).toFixed(1)} MB`);
    heap.push(usedSize);
  }
  return heap;
}

function part(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
