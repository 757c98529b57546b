import type { Extraction, Mention } from '../../src/domain/extraction.ts';
import { Random } from './random.ts';

const ENTITIES = 50_000;
const AUTHORS = 20_000;
const TYPES = ['PER', 'ORG', 'LOC', 'MISC'] as const;
/** Relation between two types of entity, as the default bundle has them. */
const RELATIONS = new Map([
  ['PER PER', '/per/per/peer'],
  ['PER ORG', '/per/org/member_of'],
  ['PER LOC', '/per/loc/place_of_residence'],
  ['PER MISC', '/per/misc/present_in'],
  ['ORG LOC', '/org/loc/locate_at'],
  ['ORG ORG', '/org/org/subsidiary'],
  ['MISC LOC', '/misc/loc/held_on'],
  ['LOC LOC', '/loc/loc/contain'],
]);
/** Mentions and related pairs of a post: 2.6 and 1.7 in the mean. */
const SHAPES = [
  { mentions: 1, pairs: 0 },
  { mentions: 2, pairs: 1 },
  { mentions: 2, pairs: 1 },
  { mentions: 3, pairs: 2 },
  { mentions: 3, pairs: 3 },
  { mentions: 1, pairs: 0 },
  { mentions: 5, pairs: 4 },
  { mentions: 4, pairs: 3 },
  { mentions: 3, pairs: 2 },
  { mentions: 2, pairs: 1 },
] as const;
const REPOSTS = 0.1;
const SYLLABLES = ['har', 'bour', 'lin', 'dor', 'ven', 'mark', 'sol', 'tor', 'bel', 'cas', 'ny', 'ru', 'ock', 'sen'];
const WORDS = 'today news about the meeting with more on what happened after they said it was over and how it goes on';
const START_MS = Date.UTC(2026, 0, 1);

/**
 * Extractions as a stream of posts yields them: entities and authors by Zipf's law, one post in ten a repost, some names
 * written another way. The same for the same range, wherever it begins.
 */
export function* extractions(from: number, count: number): Generator<Extraction> {
  for (let number = from; number < from + count; number++) yield extraction(number);
}

const zipfSums = sums();

function extraction(number: number): Extraction {
  const random = new Random(number);
  const isRepost = number > 1_000 && random.next() < REPOSTS;
  const root = isRepost ? rootOf(number - random.between(1, 1_000)) : number;
  const { text, mentions, relations } = content(root);
  const author = rank(random, AUTHORS);
  return {
    schema: 1,
    post: {
      id: String(number),
      platform: 'x',
      text,
      author: { id: String(author), handle: `author${author}`, name: `Author ${author}` },
      createdAt: new Date(START_MS + number * 500).toISOString(),
      version: '0',
      lang: 'en',
      url: `https://x.com/author${author}/status/${number}`,
      images: [],
      ...(isRepost ? { repostOf: String(root) } : {}),
    },
    extractor: { bundle: 'bench', generation: 1 },
    images: [],
    mentions,
    relations,
  };
}

/** A post that is no repost itself. */
function rootOf(number: number): number {
  let root = number;
  while (root > 1_000 && new Random(root).next() < REPOSTS) root--;
  return root;
}

function content(number: number): Pick<Extraction, 'mentions' | 'relations'> & { text: string } {
  const random = new Random(number ^ 0x5eed);
  const shape = SHAPES[number % SHAPES.length] as (typeof SHAPES)[number];
  const words = random.shuffle(WORDS.split(' ')).slice(0, 12);
  const mentions: Mention[] = [];
  let text = '';
  for (let id = 0; id < shape.mentions; id++) {
    text += `${words.splice(0, 3).join(' ')} `;
    const entity = rank(random, ENTITIES);
    const { name: spelt, type } = entityOf(entity);
    const name = random.next() < 0.1 ? spelt.toUpperCase() : spelt;
    mentions.push({ id, start: text.length, end: text.length + name.length, text: name, type, p: score(random) });
    text += `${name} `;
  }
  const pairs = mentions.flatMap((head) => mentions.slice(head.id + 1).map((tail) => [head, tail] as const));
  const relations = pairs.slice(0, shape.pairs).map(([head, tail]) => ({
    type: RELATIONS.get(`${head.type} ${tail.type}`) ?? '/misc/misc/part_of',
    head: head.id,
    tail: tail.id,
    p: score(random),
  }));
  return { text: `${text}${words.join(' ')} ${number}`, mentions, relations };
}

/** Name and type of an entity, from the one that is named most. */
export function entityOf(rank: number): { readonly name: string; readonly type: string } {
  return { name: nameOf(rank), type: TYPES[rank % TYPES.length] ?? 'MISC' };
}

function nameOf(entity: number): string {
  const random = new Random(entity);
  const word = () => {
    const letters = `${random.pick(SYLLABLES)}${random.pick(SYLLABLES)}${random.pick(SYLLABLES)}`;
    return `${letters.slice(0, 1).toUpperCase()}${letters.slice(1)}`;
  };
  return `${word()} ${word()} ${entity}`;
}

function score(random: Random): number {
  return Math.fround(0.5 + random.next() / 2);
}

/** A rank by Zipf's law: the first is drawn twice as often as the second. */
function rank(random: Random, count: number): number {
  const wanted = random.next() * (zipfSums[count - 1] ?? 1);
  let [low, high] = [0, count - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((zipfSums[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sums(): Float64Array {
  const all = new Float64Array(ENTITIES);
  let sum = 0;
  for (let at = 0; at < ENTITIES; at++) all[at] = sum += 1 / (at + 1);
  return all;
}
