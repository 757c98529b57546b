import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, Kafka } from 'kafkajs';
import type { StageName, TraceWriter } from './trace.ts';

/** The groups of a run. */
export interface SampledGroup {
  readonly stage: StageName;
  readonly topic: string;
  readonly groupId: string;
}

const INTERVAL_MS = 150;

/** Asks the brokers again and again what the groups have committed, and puts it into the trace. */
export class Sampler implements AsyncDisposable {
  /** How often both groups were found at the ends of their topics, the first before the second. */
  settled = 0;
  /** Grows with what is committed. */
  progress = 0;
  readonly #kafka: Kafka;
  readonly #groups: readonly SampledGroup[];
  readonly #trace: TraceWriter;
  readonly #running: Promise<void>;
  #admin: Admin | undefined;
  #stopped = false;

  constructor(kafka: Kafka, groups: readonly SampledGroup[], trace: TraceWriter) {
    this.#kafka = kafka;
    this.#groups = groups;
    this.#trace = trace;
    this.#running = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#sample();
      } catch {
        // A broker that is down or young answers later; the client may not find it again by itself.
        await this.#admin?.disconnect().catch(() => {});
        this.#admin = undefined;
      }
      await sleep(INTERVAL_MS);
    }
    await this.#admin?.disconnect().catch(() => {});
  }

  async #sample(): Promise<void> {
    if (!this.#admin) {
      const admin = this.#kafka.admin();
      await admin.connect();
      this.#admin = admin;
    }
    let [settled, progress] = [true, 0];
    for (const { stage, topic, groupId } of this.#groups) {
      const ends = new Map(
        (await this.#admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)]),
      );
      const [found] = await this.#admin.fetchOffsets({ groupId, topics: [topic] });
      const all = (found?.partitions ?? []).map(({ partition, offset }) => [partition, Number(offset)] as const);
      const marks = all.filter(([, offset]) => offset >= 0);
      this.#trace.write({ what: 'sampled', stage, marks: marks.map(([partition, mark]) => [partition, mark]) });
      const committed = new Map(marks);
      for (const [partition, end] of ends) if ((committed.get(partition) ?? 0) !== end) settled = false;
      for (const mark of committed.values()) progress += mark;
    }
    this.progress = progress;
    if (settled) this.settled++;
  }
}
