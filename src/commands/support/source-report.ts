import type { DecodedFrame } from '../../consumers/formats/frame.ts';
import { formatCount, formatReasons } from './output.ts';

type Counts = Record<string, number>;

/** What a run of a live source did, as `--json` prints it. */
export interface SourceSummary {
  readonly source: string;
  /** Records that are safe where they were sent; some may be so twice. */
  readonly produced: number;
  /** Records read, by what they are. */
  readonly posts: number;
  readonly deletions: number;
  readonly events: number;
  /** Frames that say nothing about public posts or their authors, by reason. */
  readonly ignored: Readonly<Counts>;
  /** Frames that could not be read, by reason. */
  readonly rejected: Readonly<Counts>;
  readonly connections: number;
  /** Connections that ended before the run did, by reason. */
  readonly disconnects: Readonly<Counts>;
  /** Where the next run goes on; null where there is nothing to go on from. */
  readonly cursor: string | null;
  readonly seconds: number;
}

/** Counts what a live source reads. */
export class SourceReport {
  readonly #source: string;
  readonly #kinds = { posts: 0, deletions: 0, events: 0 };
  readonly #ignored: Counts = {};
  readonly #started = performance.now();
  #produced = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Counts a frame. */
  seeFrame(frame: DecodedFrame): void {
    if ('ignored' in frame) this.#ignored[frame.ignored] = (this.#ignored[frame.ignored] ?? 0) + 1;
    for (const record of 'records' in frame ? frame.records : []) {
      this.#kinds[record.event ? 'events' : record.deleted ? 'deletions' : 'posts']++;
    }
  }

  /** Counts a record that is safe, and gives their number so far. */
  produce(): number {
    return ++this.#produced;
  }

  /** The summary so far. */
  summary(
    live: {
      readonly cursor: string | undefined;
      readonly counts: { readonly connections: number; readonly disconnects: Readonly<Counts> };
    },
    rejected: Readonly<Counts>,
  ): SourceSummary {
    return {
      source: this.#source,
      produced: this.#produced,
      ...this.#kinds,
      ignored: this.#ignored,
      rejected,
      ...live.counts,
      cursor: live.cursor ?? null,
      seconds: Math.round((performance.now() - this.#started) / 10) / 100,
    };
  }
}

/** The summary as lines for people. */
export function describeSource(summary: SourceSummary): string[] {
  const { source, produced, posts, deletions, events, connections, seconds } = summary;
  const withReasons = (label: string, counts: Readonly<Counts>) =>
    Object.keys(counts).length === 0 ? [] : [`  ${label.padEnd(12)} ${formatReasons(counts)}`];
  return [
    `${formatCount(produced)} records of ${source} in ${seconds} s, ${formatCount(connections)} connections`,
    `  read         ${formatCount(posts)} posts, ${formatCount(deletions)} deletions, ${formatCount(events)} events`,
    ...withReasons('ignored', summary.ignored),
    ...withReasons('rejected', summary.rejected),
    ...withReasons('disconnects', summary.disconnects),
  ];
}
