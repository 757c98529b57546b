import { batch, effect, signal } from '@preact/signals';
import { followFacts, type Overview, readNewestLinks, readOverview, readStats } from '../data/graph.ts';
import type { FactEvent, Link } from '../data/rows.ts';
import { hasCode, tellError } from '../data/server.ts';
import { counted } from '../text/words.ts';
import { CatchUp } from './catch-up.ts';
import { say } from './notice.ts';
import { brought, model, now, view } from './page.ts';
import { pathLinks } from './path.ts';
import { LINKS_PER_ENTITY } from './view.ts';

/** How things stand between the page and the server. */
export type Connection =
  | { readonly kind: 'loading' }
  | { readonly kind: 'live' }
  | { readonly kind: 'offline'; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string };

export const connection = signal<Connection>({ kind: 'loading' });

/** Types that the graph holds, beyond those on the page. */
export const types = signal<Overview['types']>({ entities: [], relations: [] });

/** True while the person wants to look at one state of the graph. */
export const paused = signal(false);

/** Changes that came while the page was paused. */
export const waiting = signal(0);

/** True when the page could not hold the whole graph. */
export const isCut = signal(false);

/** Changes held back while paused; beyond them the graph is read anew. */
const MAX_WAITING = 5000;

/** Time between two looks at what came in, milliseconds: a frame is spent on many changes, not on each. */
const FLUSH_MS = 200;
const FLUSH_OF_MANY_MS = 400;

/** Links from which on a look is dear. */
const MANY_LINKS = 1200;

/** Links read before they are drawn, but for the first page. */
const DRAWN_AT_ONCE = 2000;

/** Time between two looks at the clock. */
const TICK_MS = 10_000;

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 15_000;

let arrived: FactEvent[] = [];
let flushing: ReturnType<typeof setTimeout> | undefined;
let isBehind = false;
let restart = new AbortController();

/** Reads the graph and follows it as long as the page is open. */
export async function live(): Promise<never> {
  keepLimit();
  keepTime();
  let retryMs = FIRST_RETRY_MS;
  for (;;) {
    restart = new AbortController();
    const { signal } = restart;
    try {
      await readAndFollow(signal, () => {
        retryMs = FIRST_RETRY_MS;
      });
    } catch (error) {
      if (signal.aborted) continue;
      const isRefused = hasCode(error, 'UNAUTHENTICATED', 'FORBIDDEN');
      connection.value = { kind: isRefused ? 'refused' : 'offline', message: tellError(error) };
      if (isRefused) await untilAborted(signal);
      else await pauseFor(retryMs, signal);
      retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
    }
  }
}

/** Reads the graph again from the start: with another token, another limit, or after too long a pause. */
export function readAnew(): void {
  restart.abort();
}

/** Holds changes back, or lets them in. */
export function setPaused(value: boolean): void {
  paused.value = value;
  if (value) return;
  if (waiting.value > 0) say(`Caught up ${counted(waiting.value, 'change')}.`);
  waiting.value = 0;
  if (isBehind) readAnew();
  else flush();
}

async function readAndFollow(signal: AbortSignal, onProgress: () => void): Promise<void> {
  const overview = await readOverview(signal);
  types.value = overview.types;
  let cursor = overview.stats.eventCursor;
  let catchUp: CatchUp | undefined;
  await load(signal);
  connection.value = { kind: 'live' };
  onProgress();
  const onConnect = () => {
    if (connection.value.kind !== 'offline') return;
    connection.value = { kind: 'live' };
    const caught = new CatchUp(cursor);
    catchUp = caught;
    readStats().then(
      ({ eventCursor }) => sayCaught(caught.knows(eventCursor)),
      // How many they were is not known then; they come all the same.
      () => {},
    );
  };
  const onReconnect = (error: unknown) => {
    const message = error === undefined ? 'The server closed the connection.' : tellError(error);
    connection.value = { kind: 'offline', message };
  };
  for await (const event of followFacts(cursor, signal, { onConnect, onReconnect })) {
    cursor = event.cursor;
    if (event.gap) {
      say('Too much was missed to tell it one by one: the graph was read anew.');
      readAnew();
      return;
    }
    take(event);
    sayCaught(catchUp?.saw(cursor));
  }
}

function sayCaught(missed: number | undefined): void {
  if (missed === undefined) return;
  say(
    missed === 0 ? 'Connected again. Nothing was missed.' : `Connected again. Caught up ${counted(missed, 'change')}.`,
  );
}

async function load(signal: AbortSignal): Promise<void> {
  connection.value = { kind: 'loading' };
  arrived = [];
  isBehind = false;
  waiting.value = 0;
  const seen = new Set<string>();
  const ends = new Set<string>();
  const read: Link[] = [];
  isCut.value = false;
  let links = 0;
  for await (const page of readNewestLinks(signal)) {
    const fitting = page.filter(({ head, tail }) => {
      const { limit } = view.value;
      const fits =
        ends.size + Number(!ends.has(head.id)) + Number(!ends.has(tail.id)) <= limit &&
        links < limit * LINKS_PER_ENTITY;
      if (!fits) return false;
      ends.add(head.id).add(tail.id);
      links++;
      return true;
    });
    for (const { fact } of fitting) seen.add(fact.id);
    read.push(...fitting);
    isCut.value = fitting.length < page.length;
    // Something is to be seen at once; after that every drawing of a large graph costs more than what it adds.
    if (model.facts.size > 0 && read.length < DRAWN_AT_ONCE && !isCut.value) continue;
    model.apply({ put: read.splice(0) });
    if (isCut.value) break;
  }
  model.apply({ put: read });
  // What was brought in meanwhile counts, too.
  for (const facts of brought.values()) for (const id of facts) seen.add(id);
  model.apply({ drop: [...model.facts.keys()].filter((id) => !seen.has(id)) });
}

function take(event: FactEvent): void {
  arrived.push(event);
  if (paused.value) {
    waiting.value++;
    if (arrived.length <= MAX_WAITING) return;
    isBehind = true;
    arrived = [];
    return;
  }
  flushing ??= setTimeout(flush, model.facts.size > MANY_LINKS ? FLUSH_OF_MANY_MS : FLUSH_MS);
}

function flush(): void {
  clearTimeout(flushing);
  flushing = undefined;
  if (paused.value) return;
  const events = arrived;
  arrived = [];
  // The last word about a fact counts.
  const last = new Map<string, Link | undefined>();
  for (const { kind, fact, head, tail, movedFrom, remains } of events) {
    if (movedFrom !== null && !remains) last.set(movedFrom, undefined);
    last.set(fact.id, kind === 'RETRACTED' ? undefined : { fact, head, tail });
  }
  const put = [...last.values()].filter((link) => link !== undefined);
  const drop = [...last].filter(([, link]) => link === undefined).map(([id]) => id);
  // One look at the page for both: what comes and what has to go for it.
  batch(() => {
    model.apply({ put, drop, isNews: true });
    const { limit, chosen, pinned, selected, expanded } = view.value;
    const keep = new Set([...chosen, ...pinned, ...expanded, selected, ...pathLinks.value]);
    const surplus = model.surplus(limit, limit * LINKS_PER_ENTITY, keep);
    if (surplus.length === 0) return;
    isCut.value = true;
    model.apply({ drop: surplus });
  });
}

/** Reads anew when another number of entities is asked for, by a button, by undoing it or by another address. */
function keepLimit(): void {
  let read = view.peek().limit;
  effect(() => {
    const { limit } = view.value;
    if (limit === read) return;
    read = limit;
    readAnew();
  });
}

/** Lets ages and time windows move on, but for a page that is paused or that nobody sees. */
function keepTime(): void {
  setInterval(() => {
    if (!document.hidden && !paused.value) now.value = Date.now();
  }, TICK_MS);
}

function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const early = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', early, { once: true });
    addEventListener('online', early, { once: true });
  });
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
