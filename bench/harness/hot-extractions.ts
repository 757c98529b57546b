import type { Extraction, Mention } from '../../src/domain/extraction.ts';

const PLACES = 20_000;
const AUTHORS = 30_000;
const START_MS = Date.UTC(2026, 0, 1);

/** A post that says of the same person that they belong to the same organisation, and live in one of many places. */
export function hotExtraction(number: number): Extraction {
  const mentions: Mention[] = [];
  let text = `post ${number} says`;
  for (const [name, type] of [
    ['Ada Lind', 'PER'],
    ['Harbour Robotics', 'ORG'],
    [`Place ${number % PLACES}`, 'LOC'],
  ] as const) {
    text += ' ';
    mentions.push({
      id: mentions.length,
      start: text.length,
      end: text.length + name.length,
      text: name,
      type,
      p: 0.9,
    });
    text += name;
  }
  return {
    schema: 1,
    post: {
      id: `${number}`,
      platform: 'native',
      text,
      author: { id: `${number % AUTHORS}` },
      createdAt: new Date(START_MS + number * 1000).toISOString(),
      version: '0',
      images: [],
    },
    extractor: { bundle: 'bench', generation: 1 },
    images: [],
    mentions,
    relations: [
      { type: '/per/org/member_of', head: 0, tail: 1, p: 0.5 + (number % 50) / 100 },
      { type: '/per/loc/place_of_residence', head: 0, tail: 2, p: 0.8 },
    ],
  };
}
