import { setTimeout as sleep } from 'node:timers/promises';
import { GrapevineError } from '../../errors.ts';
import type { Letter, LetterFilter } from '../dead-letters.ts';
import type { KafkaProducer } from './kafka-producer.ts';
import type { OutgoingRecord } from './outgoing-record.ts';
import { type ScannedRecord, type ScanOptions, scanTopics } from './scan-topics.ts';

/** How letters are sent back. */
export interface ReplayOptions {
  readonly producer: KafkaProducer;
  /** Most letters a second. @default no bound */
  readonly perSecond?: number;
  /** Longest wait for an acknowledgement, milliseconds: the producer alone would try for ever. @default 30_000 */
  readonly ackMs?: number;
  /** Called for each letter that was sent back. */
  readonly onReplayed?: (letter: Letter) => void;
}

const LETTER = 'x-replayed-letter';
const FROM = 'x-replayed-from';
const ERROR_PREFIX = 'x-error-';
const SUFFIX = '.dlt';

/**
 * Dead letters of some topics that a filter means, the oldest first; partitions have no order among each other but time.
 *
 * A letter that was sent back stays in its topic. A record behind it with its place in a header says so: that way every
 * process knows, for as long as the letter is kept.
 */
export async function listLetters(
  topics: readonly string[],
  options: ScanOptions,
  filter: LetterFilter,
): Promise<Letter[]> {
  const found: Letter[] = [];
  const replayed = new Set<string>();
  await scanTopics(topics, options, (record) => {
    const place = textOf(record.headers[LETTER]);
    if (place !== undefined) replayed.add(`${record.topic}/${place}`);
    else if (isMeant(record, filter)) found.push(letterOf(record));
  });
  const known = found.map((letter) => ({ ...letter, replayed: replayed.has(placeOf(letter)) }));
  const wanted = filter.replayed ? known : known.filter((letter) => !letter.replayed);
  return wanted
    .toSorted((a, b) => a.at.localeCompare(b.at, 'en') || a.partition - b.partition || a.offset - b.offset)
    .slice(0, filter.limit);
}

/**
 * Sends letters back to the topics their records came from: bytes and key as they were, headers without those of the
 * rejection. Each is marked as sent back once it is acknowledged, so a crash in between sends it again and loses none.
 *
 * @throws {KAFKA_FAILED} the brokers refuse a letter, or do not answer
 */
export async function replayLetters(
  letters: readonly Letter[],
  options: ScanOptions,
  { producer, perSecond, ackMs = 30_000, onReplayed }: ReplayOptions,
): Promise<number> {
  const wanted = new Map(letters.map((letter) => [placeOf(letter), letter]));
  const topics = [...new Set(letters.map(({ topic }) => topic))];
  const started = performance.now();
  let sent = 0;
  if (topics.length === 0) return sent;
  await scanTopics(topics, options, async (record) => {
    const letter = wanted.get(placeOf(record));
    if (!letter || record.headers[LETTER] !== undefined) return;
    if (perSecond !== undefined) await until(started + (sent * 1000) / perSecond, options.signal);
    if (options.signal.aborted) return;
    const { key, value, topic, partition, offset } = record;
    const place = `${partition}@${offset}`;
    const kept = Object.entries(record.headers).filter(([name]) => !name.startsWith(ERROR_PREFIX) && name !== FROM);
    const headers = Object.fromEntries([...kept, [FROM, `${topic}/${place}`]]);
    const send = (outgoing: OutgoingRecord) =>
      within(ackMs, producer.send(outgoing), `sending back ${placeOf(letter)}`);
    await send({ topic: letter.from.topic, key, value, headers });
    await send({ topic, key, value: null, headers: { [LETTER]: place } });
    sent++;
    onReplayed?.(letter);
  });
  return sent;
}

function isMeant(record: ScannedRecord, filter: LetterFilter): boolean {
  const header = (name: string) => textOf(record.headers[ERROR_PREFIX + name]);
  if (filter.class !== undefined && header('class') !== filter.class) return false;
  if (filter.stage !== undefined && header('stage') !== filter.stage) return false;
  return record.timestampMs >= (filter.since ?? 0) && record.timestampMs < (filter.until ?? Number.POSITIVE_INFINITY);
}

function letterOf(record: ScannedRecord): Letter {
  const { topic, partition, offset, headers, key, value, timestampMs } = record;
  const header = (name: string) => textOf(headers[name]);
  const number = (name: string) => {
    const text = header(name);
    return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
  };
  const original = header('x-original-topic');
  return {
    topic,
    partition,
    offset,
    class: header('x-error-class') ?? 'unknown',
    stage: header('x-error-stage') ?? 'unknown',
    message: header('x-error-message') ?? '',
    at: new Date(timestampMs).toISOString(),
    firstFailedAt: header('x-error-first-failed-at'),
    from: {
      // A header that names another topic than the letter's own would send records anywhere.
      topic: original !== undefined && `${original}${SUFFIX}` === topic ? original : topic.slice(0, -SUFFIX.length),
      partition: number('x-original-partition'),
      offset: number('x-original-offset'),
    },
    key: key?.toString(),
    bytes: value?.byteLength ?? 0,
    replayed: false,
  };
}

function placeOf({ topic, partition, offset }: Pick<Letter, 'topic' | 'partition' | 'offset'>): string {
  return `${topic}/${partition}@${offset}`;
}

function textOf(header: ScannedRecord['headers'][string]): string | undefined {
  const first = Array.isArray(header) ? header[0] : header;
  return first?.toString();
}

/** Waits until a moment of the process's clock, or until the signal. */
async function until(moment: number, signal: AbortSignal): Promise<void> {
  const ms = moment - performance.now();
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => {});
}

/** What a task gives, unless it takes longer. @throws {KAFKA_FAILED} */
async function within<T>(ms: number, task: Promise<T>, doing: string): Promise<T> {
  const inTime = new AbortController();
  // Its failure after the deadline is nobody's any more.
  task.catch(() => {});
  const late = sleep(ms, undefined, { signal: inTime.signal }).then(() => {
    const message = `${doing}: no acknowledgement for ${ms / 1000} s; what was sent back so far is marked, so run it again`;
    throw new GrapevineError('KAFKA_FAILED', message);
  });
  late.catch(() => {});
  try {
    return await Promise.race([task, late]);
  } finally {
    inTime.abort();
  }
}
