import type { RecordSource, SourceRecord } from '../record-source.ts';
import { type ScanOptions, scanTopics } from './scan-topics.ts';

/** The records of a topic from its oldest to what was its end when it began; no group remembers that they were read. */
export class TopicScanSource implements RecordSource {
  readonly #topic: string;
  readonly #options: Omit<ScanOptions, 'signal'>;
  readonly #stop = new AbortController();

  constructor(topic: string, options: Omit<ScanOptions, 'signal'>) {
    this.#topic = topic;
    this.#options = options;
  }

  run(accept: (record: SourceRecord) => Promise<void>): Promise<void> {
    const options = { ...this.#options, signal: this.#stop.signal };
    return scanTopics([this.#topic], options, ({ partition, offset, ...record }) =>
      accept({ ...record, position: `${this.#topic}/${partition}@${offset}`, done: () => {} }),
    );
  }

  stop(): void {
    this.#stop.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
  }
}
