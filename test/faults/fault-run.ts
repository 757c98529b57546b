import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import kafkajs, { type Kafka } from 'kafkajs';
import { createTopics } from '../../src/consumers/kafka/topics.ts';
import type { Ground } from './ground.ts';
import { PostStream } from './posts.ts';
import { Random } from './random.ts';
import { Sampler } from './sampler.ts';
import { Sender } from './sender.ts';
import { StuckError, Trace, type TraceLine } from './trace.ts';
import type { GraphPlace, Orders } from './worker/orders.ts';
import { Worker } from './workers.ts';

const PARTITIONS = 6;
const FEED = { posts: 6, everyMs: 300 };
/** How long nothing may move while something is left to do: longer than brokers and clients need to agree on a new leader and coordinator. */
const STUCK_MS = 60_000;

/** The code as it stands here. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What a run is made from. */
export interface FaultRunOptions {
  readonly ground: Ground;
  readonly seed: number;
  /** Folder of the code that workers run. @default this one */
  readonly code?: string | undefined;
}

/** One run: topics and a graph of its own, posts that follow from its seed, workers that come and go. */
export class FaultRun implements AsyncDisposable {
  readonly windowRecords = 16;
  readonly sessionMs = 3_000;
  readonly random: Random;
  readonly trace: Trace;
  readonly kafka: Kafka;
  readonly ground: Ground;
  readonly topics: Orders['topics'];
  readonly graph: { readonly forWorkers: GraphPlace; readonly behind: GraphPlace };
  readonly sender: Sender;
  /** Where its trace and the logs of its workers are. */
  readonly folder: string;
  /** Line of the trace at which the fault that is inflicted now begins. */
  begin = 0;
  readonly #options: FaultRunOptions;
  readonly #name: string;
  readonly #workers: Worker[] = [];
  readonly #feeds: { stop(): Promise<void> }[] = [];
  readonly #sampler: Sampler;

  private constructor(
    options: FaultRunOptions,
    made: Pick<FaultRun, 'kafka' | 'topics' | 'graph' | 'sender' | 'folder'> & { name: string },
  ) {
    this.#options = options;
    this.#name = made.name;
    this.folder = made.folder;
    this.ground = options.ground;
    this.random = new Random(options.seed);
    this.kafka = made.kafka;
    this.topics = made.topics;
    this.graph = made.graph;
    this.sender = made.sender;
    this.trace = new Trace(join(made.folder, 'trace.jsonl'));
    const groupOf = (stage: 'extract' | 'upsert', topic: string) => ({
      stage,
      topic,
      groupId: `${made.name}-${stage}`,
    });
    const groups = [groupOf('extract', made.topics.posts), groupOf('upsert', made.topics.extractions)];
    this.#sampler = new Sampler(made.kafka, groups, this.trace.writer);
  }

  static async open(options: FaultRunOptions): Promise<FaultRun> {
    const { ground, seed } = options;
    const name = `faults-${seed}-${randomUUID().slice(0, 8)}`;
    const folder = join(ground.folder, name);
    mkdirSync(folder);
    const topics = { posts: `${name}-posts`, extractions: `${name}-extractions`, events: `${name}-events` };
    const kafka = new kafkajs.Kafka({
      brokers: ground.kafka.brokers.split(','),
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 10 },
    });
    const replicationFactor = ground.options.brokers;
    await createTopics(kafka, { names: topics, partitions: PARTITIONS, replicationFactor });
    const graph = await ground.emptyGraph(name);
    const sender = await Sender.open(kafka, topics.posts, new PostStream(seed));
    return new FaultRun(options, { kafka, topics, graph, sender, name, folder });
  }

  /** Starts a worker; one that has a point to fail at may be killed by itself. */
  start(orders: Pick<Orders, 'failAt' | 'holdAfter'> = {}): Worker {
    const who = `w${this.#workers.length + 1}`;
    const { ground, topics, windowRecords, sessionMs } = this;
    const worker = new Worker(
      {
        who,
        trace: join(this.folder, 'trace.jsonl'),
        brokers: ground.kafka.brokers.split(','),
        topics,
        groupPrefix: this.#name,
        graph: this.graph.forWorkers,
        imageRoot: ground.imageRoot,
        sessionMs,
        windowRecords,
        ...orders,
      },
      {
        code: this.#options.code ?? ROOT,
        log: join(this.folder, `${who}.log`),
        trace: this.trace,
        allowed: orders.failAt?.signal === 'SIGKILL' ? 'SIGKILL' : undefined,
      },
    );
    this.#workers.push(worker);
    return worker;
  }

  /** Sends posts, some in transactions. */
  send(count: number): Promise<void> {
    return this.sender.send(count);
  }

  /** Sends posts while brokers may be down. */
  insist(count: number): Promise<void> {
    return this.sender.insist(count);
  }

  /** Sends posts again and again until it is stopped. */
  feed(): { stop(): Promise<void> } {
    const stopping = new AbortController();
    const feeding = (async () => {
      while (!stopping.signal.aborted) {
        await this.sender.insist(FEED.posts);
        await sleep(FEED.everyMs);
      }
    })();
    const feed = {
      stop: async () => {
        stopping.abort();
        await feeding;
      },
    };
    this.#feeds.push(feed);
    return feed;
  }

  /** Marks the moment at which something is broken. */
  injure(): void {
    this.trace.writer.write({ what: 'injured' });
  }

  /** Waits until so many lines of the trace are like this, looking from a line on. */
  async seen(what: string, isIt: (line: TraceLine) => boolean, times = 1, since = this.begin): Promise<void> {
    await this.trace.until(what, (lines) => lines.filter(isIt).length >= times, { since });
  }

  /** Waits for the end of a worker that ends by itself. */
  async end(worker: Worker): Promise<void> {
    await this.seen(`the end of ${worker.who}`, ({ what, who }) => what === 'ended' && who === worker.who);
  }

  /** Sends a last post to each partition and waits until both groups have committed the ends of their topics. */
  async settled(): Promise<void> {
    await this.sender.close(PARTITIONS);
    const before = this.#sampler.settled;
    let [moved, at] = [-1, Date.now()];
    // A sample that was under way may have begun before the last post was sent.
    while (this.#sampler.settled < before + 2) {
      this.trace.throwIfFailed();
      const now = this.#sampler.progress + this.trace.read().filter(({ what }) => what === 'durable').length;
      if (now !== moved) [moved, at] = [now, Date.now()];
      if (Date.now() - at > STUCK_MS) throw new StuckError(`nothing moved for ${STUCK_MS / 1000} s before the end`);
      await sleep(50);
    }
  }

  /** Ends what sends, and all workers in order. */
  async stop(): Promise<void> {
    await Promise.all(this.#feeds.splice(0).map((feed) => feed.stop()));
    await Promise.all(this.#workers.filter(({ isRunning }) => isRunning).map((worker) => worker.terminate()));
    this.trace.throwIfFailed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.sender.giveUp();
    await Promise.all(this.#workers.filter(({ isRunning }) => isRunning).map((worker) => worker.kill()));
    await this.#sampler[Symbol.asyncDispose]();
    await this.sender[Symbol.asyncDispose]();
    this.trace[Symbol.dispose]();
  }
}
