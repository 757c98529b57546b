import type { DecodedFrame } from '../../consumers/formats/frame.ts';
import type { Extraction } from '../../domain/extraction.ts';
import { textOnlyReason } from '../../domain/extraction.ts';
import type { GraphStats } from '../../graph/graph-reader.ts';
import type { UpsertOutcome } from '../../graph/graph-store.ts';
import { formatCount, formatReasons } from './output.ts';

type Counts = Record<string, number>;

/** What an ingest did, as `--json` prints it. */
export interface IngestSummary {
  /** Records read, blank lines aside. */
  readonly posts: number;
  /** Posts that are in the graph in the version given, `unchanged` and hidden ones included, and events it has noted. */
  readonly stored: number;
  /** Of those, what was there already, equal in all. */
  readonly unchanged: number;
  /** Posts the model read. */
  readonly extracted: number;
  /** Extracted posts without a picture, by reason. */
  readonly textOnly: Readonly<Counts>;
  /** Posts the model did not read, or the graph did not take, by reason. */
  readonly skipped: Readonly<Counts>;
  /** Records that are no posts, by reason. */
  readonly rejected: Readonly<Counts>;
  /** Frames of a platform that say nothing about public posts or their authors, by reason; no posts. */
  readonly ignored: Readonly<Counts>;
  readonly mentions: number;
  readonly relations: number;
  /** Entities and facts of the whole graph afterwards. */
  readonly entities: number;
  readonly facts: number;
  readonly seconds: number;
  readonly postsPerSecond: number;
}

const STORED: ReadonlySet<UpsertOutcome> = new Set([
  'created',
  'replaced',
  'deleted',
  'unchanged',
  'hidden',
  'restored',
  'marked',
]);

/** Counts what becomes of each post of one run. */
export class IngestReport {
  #records = 0;
  #stored = 0;
  #unchanged = 0;
  #extracted = 0;
  #mentions = 0;
  #relations = 0;
  readonly #textOnly: Counts = {};
  readonly #skipped: Counts = {};
  readonly #ignored: Counts = {};
  readonly #started = performance.now();

  /** Posts that passed the graph so far. */
  get finished(): number {
    return this.#records;
  }

  /** Counts one extraction with what it did to the graph. */
  add(extraction: Extraction, outcome: UpsertOutcome): void {
    this.#records++;
    if (STORED.has(outcome)) this.#stored++;
    else bump(this.#skipped, outcome);
    if (outcome === 'unchanged') this.#unchanged++;
    if (extraction.skipped === undefined) this.#countExtracted(extraction);
    else if (extraction.skipped === 'unsupported_language') bump(this.#skipped, extraction.skipped);
  }

  /** Counts a frame that says nothing about posts. */
  seeFrame(frame: DecodedFrame): void {
    if ('ignored' in frame) bump(this.#ignored, frame.ignored);
  }

  /** The summary so far, with what was rejected and what the graph holds now. */
  summary(rejected: Readonly<Counts>, graph: GraphStats): IngestSummary {
    const seconds = (performance.now() - this.#started) / 1000;
    const posts = this.#records + Object.values(rejected).reduce((sum, count) => sum + count, 0);
    return {
      posts,
      stored: this.#stored,
      unchanged: this.#unchanged,
      extracted: this.#extracted,
      textOnly: this.#textOnly,
      skipped: this.#skipped,
      rejected,
      ignored: this.#ignored,
      mentions: this.#mentions,
      relations: this.#relations,
      entities: graph.entities,
      facts: graph.facts,
      seconds: Math.round(seconds * 100) / 100,
      postsPerSecond: Math.round((10 * posts) / Math.max(seconds, 1e-3)) / 10,
    };
  }

  #countExtracted(extraction: Extraction): void {
    this.#extracted++;
    this.#mentions += extraction.mentions.length;
    this.#relations += extraction.relations.length;
    const reason = textOnlyReason(extraction);
    if (reason !== undefined) bump(this.#textOnly, reason);
  }
}

/** The summary as lines for people. */
export function describeSummary(summary: IngestSummary): string[] {
  const sum = (counts: Readonly<Counts>) => Object.values(counts).reduce((total, count) => total + count, 0);
  const withReasons = (label: string, counts: Readonly<Counts>) =>
    sum(counts) === 0 ? [] : [`  ${label.padEnd(10)} ${formatCount(sum(counts))} (${formatReasons(counts)})`];
  const unchanged = summary.unchanged > 0 ? ` (${formatCount(summary.unchanged)} unchanged)` : '';
  return [
    `${formatCount(summary.posts)} posts in ${summary.seconds} s, ${summary.postsPerSecond} a second`,
    `  stored     ${formatCount(summary.stored)}${unchanged}`,
    `  extracted  ${formatCount(summary.extracted)}: ${formatCount(summary.mentions)} mentions, ${formatCount(summary.relations)} relations`,
    ...withReasons('text-only', summary.textOnly),
    ...withReasons('skipped', summary.skipped),
    ...withReasons('rejected', summary.rejected),
    ...withReasons('ignored', summary.ignored),
    `  the graph  ${formatCount(summary.entities)} entities, ${formatCount(summary.facts)} facts`,
  ];
}

function bump(counts: Counts, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
