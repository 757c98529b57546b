import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tweetWords } from '../../../src/model/tokenizer/tweet-words.ts';

const split = (text: string) => [...tweetWords(text)].map((word) => text.slice(word.start, word.end));

describe('splitting a post into words', () => {
  it.each([
    ['RT @vine_yard_99: hello', ['RT', '@vine_yard_99', ':', 'hello']],
    ['#GrapeHarvest in #porto', ['#', 'GrapeHarvest', 'in', '#', 'porto']],
    ["O'Brien's dog", ["O'Brien", "'s", 'dog']],
    ['Lisbon’s AT&T don’t', ['Lisbon', '’s', 'AT&T', 'don’t']],
    ['re-election COVID-19', ['re-election', 'COVID-19']],
    ['the U.S. team, U.S.A', ['the', 'U.S.', 'team', ',', 'U.S.A']],
    ['3.14 1,000,000 9/11 10:30', ['3.14', '1,000,000', '9/11', '10:30']],
    ['Ends here.', ['Ends', 'here', '.']],
    ['(see https://example.com/a?b=c).', ['(', 'see', 'https://example.com/a?b=c', ')', '.']],
    ['WWW.example.org!', ['WWW.example.org', '!']],
    ['@ana@social.example and @ana.bsky.social.', ['@ana@social.example', 'and', '@ana.bsky.social', '.']],
    ['Hi @ana.Great', ['Hi', '@ana', '.', 'Great']],
    ['@ @', ['@', '@']],
    ['naïve cafe\u0301', ['naïve', 'cafe\u0301']],
    ['👩‍🚀🔥', ['👩', '\u200d', '🚀', '🔥']],
    ['a\u00a0b\u3000c', ['a', 'b', 'c']],
    ['\ud800x\udc00', ['\ud800', 'x', '\udc00']],
    ['', []],
  ])('splits %j', (text, words) => {
    expect(split(text)).toEqual(words);
  });

  it('tells addresses and handles from words', () => {
    const kinds = [...tweetWords('@ana see http://example.com')].map((word) => word.kind);
    expect(kinds).toEqual(['handle', 'word', 'url']);
  });

  it('covers any text in order, leaving out only spaces', () => {
    const pieces = fc.constantFrom(
      '#',
      '@',
      "'s",
      '’',
      'http://',
      'www.',
      'a',
      'É',
      '1',
      '.',
      '-',
      '&',
      ' ',
      '\u200d',
      '\ufe0f',
      '\ud83d',
      '👩‍🚀',
      '\u0301',
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        let last = 0;
        for (const { start, end } of tweetWords(text)) {
          expect(text.slice(last, start)).toMatch(/^\s*$/u);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          last = end;
        }
        expect(text.slice(last)).toMatch(/^\s*$/u);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['a-', '1.', 'U.', "'s", '@a.', 'don’t', '\u0301', '\udc00', '#'])('reads 900 kB of %j', (unit) => {
    const text = unit.repeat(900_000 / unit.length);
    let end = 0;
    for (const word of tweetWords(text)) end = word.end;
    expect(end).toBe(text.length);
  });
});
