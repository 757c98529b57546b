import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { makeCorpus } from './corpus.ts';
import { PICTURES } from './pictures.ts';
import { Random } from './random.ts';

const VOCABULARY = fileURLToPath(new URL('../../models/default/vocab.txt', import.meta.url));
const AUTHORS = 5_000;
const START_MS = Date.UTC(2026, 0, 1);

/** A post in the native format, with the key it has in its topic. */
export interface WrittenPost {
  readonly key: string;
  readonly value: string;
}

/** Posts without pictures, as long as real tweets, by a few thousand authors of whom some write much more than others. */
export function* writtenPosts(count: number): Generator<WrittenPost> {
  const texts = makeCorpus(readFileSync(VOCABULARY, 'utf8').split('\n'), PICTURES).map(({ words }) => words.join(' '));
  const random = new Random(5);
  for (let i = 0; i < count; i++) {
    // The square makes the first authors the busiest.
    const author = `author-${Math.floor(random.next() ** 2 * AUTHORS)}`;
    const post = {
      id: `post-${i}`,
      platform: 'native',
      text: texts[i % texts.length],
      author: { id: author, handle: author, name: `Author ${author}` },
      createdAt: new Date(START_MS + i * 500).toISOString(),
      lang: 'en',
      hashtags: ['bench'],
      url: `https://example.com/${author}/${i}`,
    };
    yield { key: author, value: JSON.stringify(post) };
  }
}
