import type { ScannedRecord } from '../../src/consumers/kafka/scan-topics.ts';
import { entitiesMentioned, entitiesTold, factsIn, factsTold } from '../helpers/graph-oracle.ts';
import type { Findings } from './findings.ts';
import type { Reference } from './reference.ts';

/** How what was found differs from what must be. */
export interface Differences {
  /** Lines of the graph and dead letters that must be there and are not. */
  readonly missing: number;
  /** Those that are there and must not be. */
  readonly unexpected: number;
  /** Lines of the graph that are there more than once. */
  readonly doubleEffects: number;
  /** Facts whose support is not what their evidence adds up to. */
  readonly wrongSupport: number;
  /** Events of one key, or of one position, beyond the first; and those published under two positions. */
  readonly doubleEvents: number;
  /** Positions that no event has. */
  readonly eventGaps: number;
  /** Events of the outbox that were never published, and the other way round. */
  readonly unpublished: number;
  /** 1 where the events contradict each other or the graph. */
  readonly wrongStory: number;
}

interface Line {
  readonly line: string;
  readonly id?: string;
}

/** What the dead letters say that must not be there, one line each. */
export function unexpectedLetters({ letters }: Findings, reference: Reference): readonly string[] {
  const extract = letters.extract.filter((letter) => !reference.rejectedPosts.has(origin(letter)));
  const upsert = letters.upsert.filter(({ value }) => !reference.rejectedExtractions.has(String(value)));
  return [...extract, ...upsert].map((letter) => {
    const { 'x-error-class': reason, 'x-error-message': message } = letter.headers;
    return `a dead letter of ${origin(letter)} in ${letter.topic}: ${reason}: ${message}`;
  });
}

/** Compares lines, letters and events. */
export function compare(found: Findings, reference: Reference): Differences {
  const wanted = new Set(reference.lines);
  const there = new Set(found.lines);
  const lacking = reference.lines.filter((line) => !there.has(line));
  const extra = [...there].filter((line) => !wanted.has(line));
  const extraFacts = new Set(extra.map(factOf));
  const misjudged = lacking.map(factOf).filter((fact) => fact !== undefined && extraFacts.has(fact)).length;
  const letters = compareLetters(found, reference);
  return {
    missing: lacking.length - misjudged + letters.missing,
    unexpected: extra.length - misjudged + letters.unexpected,
    doubleEffects: found.lines.length - there.size,
    wrongSupport: misjudged,
    ...compareEvents(found),
  };
}

function factOf(text: string): string | undefined {
  const { line, id } = JSON.parse(text) as Line;
  return line === 'fact' ? id : undefined;
}

/** Letters may repeat. A letter of the extract stage is a record at its place, one of the upsert stage an extraction. */
function compareLetters({ letters, posts }: Findings, reference: Reference) {
  const values = new Map(posts.map((post) => [`${post.partition}@${post.offset}`, String(post.value)]));
  const kept = new Map(letters.extract.map((letter) => [origin(letter), String(letter.value)]));
  const keptExtractions = new Set(letters.upsert.map(({ value }) => String(value)));
  const altered = [...kept].filter(([place, value]) => values.get(place) !== value).length;
  const count = (from: Iterable<string>, known: { has(name: string): boolean }) =>
    [...from].filter((name) => !known.has(name)).length;
  return {
    missing: count(reference.rejectedPosts, kept) + count(reference.rejectedExtractions, keptExtractions),
    unexpected:
      count(kept.keys(), reference.rejectedPosts) + count(keptExtractions, reference.rejectedExtractions) + altered,
  };
}

function origin({ headers }: ScannedRecord): string {
  return `${headers['x-original-partition']}@${headers['x-original-offset']}`;
}

function compareEvents({ outbox, published, lines }: Findings) {
  const positions = new Set(outbox.map(({ position }) => position));
  const positionOf = new Map(outbox.map(({ key, position }) => [key, position]));
  const repeats = outbox.length - Math.min(positions.size, positionOf.size);
  const moved = published.filter(({ key, position }) => (positionOf.get(key) ?? position) !== position).length;
  const told = new Set(published.map(({ key }) => key));
  const unknown = [...told].filter((key) => !positionOf.has(key)).length;
  return {
    doubleEvents: repeats + moved,
    eventGaps: Math.max(0, ...positions) - positions.size,
    unpublished: [...positionOf.keys()].filter((key) => !told.has(key)).length + unknown,
    wrongStory: Number(!isStory(outbox, lines)),
  };
}

function isStory(outbox: Findings['outbox'], lines: Findings['lines']): boolean {
  try {
    const told = entitiesTold(outbox);
    if (entitiesMentioned(lines).some((id) => !told.has(id))) return false;
    return factsTold(outbox).join() === factsIn(lines).toSorted().join();
  } catch {
    return false;
  }
}
