import type {
  CommitOutcome,
  CommittedOffset,
  FetchedBatch,
  GroupConsumer,
  GroupListener,
} from '../../src/consumers/kafka/group-consumer.ts';

/** A group member whose group is the test: the test joins, fetches and fails by calling the listener. */
export class FakeGroupConsumer implements GroupConsumer {
  /** Offsets that moved, commit by commit; where a partition begins does not count. */
  readonly commits: ReadonlyMap<number, number>[] = [];
  /** What the group keeps. */
  readonly kept = new Map<number, CommittedOffset>();
  readonly #marks = new Map<number, number>();
  answer: CommitOutcome | Error = 'committed';
  paused = false;
  closed = false;
  heartbeats = 0;
  onHeartbeat: () => void = () => {};
  #listener: GroupListener | undefined;

  get listener(): GroupListener {
    if (!this.#listener) throw new Error('the source has not started its consumer');
    return this.#listener;
  }

  async start(listener: GroupListener): Promise<void> {
    this.#listener = listener;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  async commit(offsets: ReadonlyMap<number, CommittedOffset>): Promise<CommitOutcome> {
    if (this.answer instanceof Error) throw this.answer;
    if (this.answer === 'committed') {
      const moved = [...offsets].filter(([partition, { offset }]) => offset !== (this.#marks.get(partition) ?? -1));
      for (const [partition, { offset }] of offsets) this.#marks.set(partition, offset);
      // What stands beside an offset may change while it stays; that is no news to most tests.
      const news = moved.filter(([partition]) => this.kept.has(partition));
      if (news.length > 0) this.commits.push(new Map(news.map(([partition, { offset }]) => [partition, offset])));
      for (const [partition, mark] of offsets) this.kept.set(partition, mark);
    }
    return this.answer;
  }

  async committed(partitions: readonly number[]): Promise<ReadonlyMap<number, CommittedOffset>> {
    return new Map([...this.kept].filter(([partition]) => partitions.includes(partition)));
  }

  /** A batch of records `from` to `to`, both included, with the offset as value. */
  batch(partition: number, from: number, to: number, endOffset = to + 1): FetchedBatch {
    const offsets = Array.from({ length: to - from + 1 }, (_, i) => from + i);
    return {
      partition,
      endOffset,
      nextOffset: to + 1,
      records: offsets.map((offset) => ({
        offset,
        key: Buffer.from('k'),
        value: Buffer.from(String(offset)),
        headers: {},
        timestampMs: 1000 + offset,
      })),
      heartbeat: async () => {
        this.heartbeats++;
        this.onHeartbeat();
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closed = true;
  }
}
