import type { Extraction } from '../../../src/domain/extraction.ts';
import { ACCOUNT_EVENTS, POST_EVENTS } from '../../../src/domain/source-event.ts';
import { accountEvent, deletionOf, extractionOf, MEMBER_OF, postEvent } from '../../helpers/graph-extractions.ts';
import { Random } from '../random.ts';

/** How many processes write at once. */
export const WRITERS = 2;

/** Batches in which both writers speak of the same passing posts. */
const BLOCK = 8;
/** How far back a writer goes for a batch that it writes once more, of its own or of the other one. */
const REPLAYED_FROM = 30;
const START_MS = Date.parse('2026-01-01T00:00:00Z');

/**
 * A batch of a writer: it follows from the seed, the writer and its number alone, so that anybody can make it again. All
 * writers speak of the same posts, entities and authors at the same numbers.
 */
export function batchOf(seed: number, writer: number, number: number): readonly Extraction[] {
  const random = new Random(Math.imul(seed * WRITERS + writer + 1, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  if (number > 0 && random.next() < 0.15) {
    const other = random.between(0, WRITERS - 1);
    return batchOf(seed, other, random.between(Math.max(0, number - REPLAYED_FROM), number - 1));
  }
  return Array.from({ length: random.between(1, 8) }, () => recordOf(random, number));
}

/** All records that writers have written after so many batches each, one writer after the other. */
export function recordsOf(seed: number, batches: readonly number[]): readonly Extraction[] {
  return batches.flatMap((count, writer) =>
    Array.from({ length: count }, (_, number) => batchOf(seed, writer, number)).flat(),
  );
}

/** A post that both writers write about, and who they say has written it. */
interface Subject {
  readonly id: string;
  readonly author: string;
  readonly version: string;
  /** Comes and goes within a block of batches, so that it may be deleted for good. */
  readonly isPassing: boolean;
}

function recordOf(random: Random, number: number): Extraction {
  const subject = random.next() < 0.5 ? standing(random, number) : passing(random, number);
  const dice = random.next();
  if (dice < 0.7) return creation(random, number, subject);
  if (dice < 0.88) return deletion(random, subject);
  if (dice < 0.94) return aboutPost(random, number, subject);
  return aboutAccount(random, number, subject);
}

/** One of a few posts that are written about from the first batch to the last, in ever higher versions and by several authors. */
function standing(random: Random, number: number): Subject {
  const version = `${number + random.between(0, 4)}`;
  return { id: `s${random.between(0, 2)}`, author: random.of(['a', 'b', 'c']), version, isPassing: false };
}

function passing(random: Random, number: number): Subject {
  const block = Math.floor(number / BLOCK);
  const author = `p${block}-${random.between(0, 1)}`;
  return { id: `p${block}-${random.between(0, 2)}`, author, version: `${random.between(0, 2)}`, isPassing: true };
}

function creation(random: Random, number: number, { id, author, version }: Subject): Extraction {
  const relation = (): readonly [string, number, number, number] => {
    return [MEMBER_OF, random.between(0, 2), random.between(0, 2), random.of([0.4, 0.9])];
  };
  return extractionOf({
    id,
    author,
    version,
    generation: random.of([1, 1, 2]),
    at: timeOf(random, number),
    words: random.of(['the very same words as others', 'short', `words that are those of ${id}`]),
    mentions: [
      [random.of(['Ada', 'ada', 'Bo']), 'PER'],
      [random.of(['Harbour', 'HARBOUR', 'Northlight']), 'ORG'],
      [random.of(['Ada', 'Cy']), 'PER'],
    ],
    relations: Array.from({ length: random.between(1, 3) }, relation),
    symmetric: random.next() < 0.2,
    ...(random.next() < 0.2 ? { repostOf: `s${random.between(0, 2)}` } : {}),
  });
}

/** A deletion without a version is for good: a standing post would not come back from it. */
function deletion(random: Random, { id, version, isPassing }: Subject): Extraction {
  return deletionOf(id, isPassing && random.next() < 0.5 ? undefined : version);
}

function aboutPost(random: Random, number: number, { id, version }: Subject): Extraction {
  const event = random.next() < 0.5 ? 'post.undropped' : random.of(POST_EVENTS);
  const more = { ...(event === 'post.edited' && { version }), ...(event === 'post.withheld' && inSome(random)) };
  return postEvent(id, event, timeOf(random, number), more);
}

/** Most events make the account whole again, so that most posts are to be seen at any time. */
function aboutAccount(random: Random, number: number, { author }: Subject): Extraction {
  const event = random.next() < 0.6 ? 'account.active' : random.of(ACCOUNT_EVENTS);
  const { countries } = event === 'account.withheld' ? inSome(random) : {};
  return accountEvent(author, event, timeOf(random, number), countries);
}

function inSome(random: Random): { readonly countries?: readonly string[] } {
  return random.next() < 0.5 ? { countries: ['DE'] } : {};
}

/** A time near that of the batch, so that what is written later is mostly of later, and not always. */
function timeOf(random: Random, number: number): string {
  return new Date(START_MS + (number + random.between(0, 10)) * 1000).toISOString();
}
