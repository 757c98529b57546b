import { Repeater } from 'graphql-yoga';
import type { GraphEvent } from '../domain/graph.ts';
import { GrapevineError, messageOf } from '../errors.ts';
import type { Events } from '../telemetry/events.ts';

/** A log of what happened: positions grow, and nothing is added before one that has been read. */
export interface EventLog<E extends Positioned> {
  /** Up to `limit` events after a position, in their order. */
  eventsAfter(position: number, limit: number): Promise<readonly E[]>;
  /** Position of the newest event; 0 before the first. */
  lastPosition(): Promise<number>;
}

interface Positioned {
  readonly position: number;
}

/** An event as a subscriber gets it. */
export interface FeedItem<E extends Positioned = GraphEvent> {
  readonly event: E;
  /** True when the log no longer held all events between the last one and this one. */
  readonly gap: boolean;
}

/** Tells a subscriber that it is still served, and from where it may go on. */
export interface Heartbeat {
  readonly event?: undefined;
  /** Everything up to this position was sent, or is none of what the subscriber wants. */
  readonly position: number;
  readonly gap: boolean;
  readonly atMs: number;
}

/** How the feed works. */
export interface EventFeedOptions<E extends Positioned> {
  readonly log: EventLog<E>;
  readonly events: Events;
  /** Time between two looks at the event log, milliseconds. */
  readonly pollMs: number;
  /** Subscribers at a time; more are refused. */
  readonly maxSubscribers: number;
}

/** What a subscriber wants. */
export interface FeedRequest<E extends Positioned> {
  /** Position of the last event that was seen. */
  readonly since?: number | undefined;
  readonly accepts: (event: E) => boolean;
  /** Longest silence, milliseconds: then there is a heartbeat, and one at the beginning. Without it there is none. */
  readonly heartbeatMs?: number | undefined;
}

/** Events read from the log at a time. */
const PAGE_SIZE = 200;

/** Newest events kept for all subscribers together; who is further behind reads the log. */
const WINDOW_SIZE = 1000;

/**
 * Follows a log, that of the graph's events or that of alerts, for any number of subscribers, also when another process writes it.
 *
 * One poller serves all; it runs while there is a subscriber. A subscriber holds its position and at most one page of
 * events: one that reads slowly or not at all costs no memory and delays nobody, and goes on where it was.
 */
export class EventFeed<E extends Positioned> {
  readonly #options: EventFeedOptions<E>;
  readonly #wakes = new Set<() => void>();
  /** Every event after `#floor` and up to `#head`. */
  #window: E[] = [];
  #floor = 0;
  #head = 0;
  #polling = false;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #closed = false;

  constructor(options: EventFeedOptions<E>) {
    this.#options = options;
  }

  /** Number of subscribers that are being served. */
  get subscribers(): number {
    return this.#wakes.size;
  }

  /**
   * Accepted events after the position `since`, or from now on. What happens after this promise resolves is not missed.
   * @throws {BAD_REQUEST} when there are too many subscribers. @throws {CLOSED} after `close`.
   */
  open(
    request: FeedRequest<E> & { readonly heartbeatMs: number },
  ): Promise<AsyncIterableIterator<FeedItem<E> | Heartbeat>>;
  open(request: FeedRequest<E>): Promise<AsyncIterableIterator<FeedItem<E>>>;
  async open(request: FeedRequest<E>): Promise<AsyncIterableIterator<FeedItem<E> | Heartbeat>> {
    const { since } = request;
    const last = await this.#options.log.lastPosition();
    if (this.#closed) throw new GrapevineError('CLOSED', 'subscribing to events: the server is stopping.');
    if (this.#wakes.size >= this.#options.maxSubscribers) {
      throw new GrapevineError(
        'BAD_REQUEST',
        `subscribing to events: ${this.#options.maxSubscribers} subscribers are connected; try again later.`,
      );
    }
    // A position beyond the log belongs to an earlier graph: its events are gone, the new ones are told from here.
    const gap = since !== undefined && since > last;
    const start = since === undefined || gap ? last : since;
    return new Repeater<FeedItem<E> | Heartbeat>((push, stop) =>
      this.#serve({ ...request, start, last, gap }, push, stop),
    );
  }

  /** Ends every subscription. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const wake of this.#wakes) wake();
  }

  async #serve(
    from: FeedRequest<E> & { start: number; last: number; gap: boolean },
    push: (item: FeedItem<E> | Heartbeat) => PromiseLike<unknown>,
    stop: (() => void) & PromiseLike<unknown>,
  ): Promise<void> {
    let { start: position, gap } = from;
    const { heartbeatMs = Number.POSITIVE_INFINITY } = from;
    let toldMs = 0;
    const seat = { left: false, resume: () => {} };
    const wake = () => seat.resume();
    void stop.then(() => {
      seat.left = true;
      wake();
    });
    this.#join(wake, from.last);
    try {
      while (!seat.left && !this.#closed) {
        const floor = this.#floor;
        const events = await this.#after(position);
        for (const event of events) {
          gap ||= event.position > position + 1;
          position = event.position;
          if (!from.accepts(event)) continue;
          await push({ event, gap });
          gap = false;
          toldMs = Date.now();
          if (seat.left || this.#closed) return;
        }
        if (events.length === 0 && position < floor) {
          // The log ends before what the poller has read: it was emptied meanwhile.
          position = floor;
          gap = true;
        }
        if (Date.now() - toldMs >= heartbeatMs) {
          toldMs = Date.now();
          await push({ position, gap, atMs: toldMs });
          gap = false;
        }
        if (position < this.#head) continue;
        const silence = setTimer(() => seat.resume(), toldMs + heartbeatMs - Date.now());
        await new Promise<void>((resolve) => {
          seat.resume = resolve;
          if (seat.left || this.#closed) resolve();
        });
        clearTimeout(silence);
      }
    } finally {
      this.#leave(wake);
      stop();
    }
  }

  async #after(position: number): Promise<readonly E[]> {
    if (position >= this.#floor) return this.#window.filter((event) => event.position > position);
    return this.#options.log.eventsAfter(position, PAGE_SIZE);
  }

  #join(wake: () => void, last: number): void {
    this.#wakes.add(wake);
    if (this.#polling) return;
    this.#polling = true;
    this.#window = [];
    this.#floor = last;
    this.#head = last;
    void this.#poll();
  }

  #leave(wake: () => void): void {
    this.#wakes.delete(wake);
    if (this.#wakes.size > 0 || this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#polling = false;
  }

  async #poll(): Promise<void> {
    this.#timer = undefined;
    try {
      while ((await this.#readOn()) === PAGE_SIZE && this.#wakes.size > 0);
      this.#failures = 0;
    } catch (error) {
      const { pollMs: delayMs, events } = this.#options;
      const message = messageOf(error);
      events.dependencyRetried({ dependency: 'graph', attempt: ++this.#failures, delayMs, message });
    }
    if (this.#closed || this.#wakes.size === 0) this.#polling = false;
    else this.#timer = setTimeout(() => void this.#poll(), this.#options.pollMs);
  }

  async #readOn(): Promise<number> {
    const events = await this.#options.log.eventsAfter(this.#head, PAGE_SIZE);
    if (events.length === 0) return 0;
    this.#window.push(...events);
    this.#head = this.#window.at(-1)?.position ?? this.#head;
    const dropped = this.#window.splice(0, Math.max(0, this.#window.length - WINDOW_SIZE));
    this.#floor = dropped.at(-1)?.position ?? this.#floor;
    for (const wake of this.#wakes) wake();
    return events.length;
  }
}

/** A timer for a time that may never come. */
function setTimer(work: () => void, delayMs: number): NodeJS.Timeout | undefined {
  return delayMs < Number.POSITIVE_INFINITY ? setTimeout(work, delayMs) : undefined;
}
