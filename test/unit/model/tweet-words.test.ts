import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEntities } from '../../../src/model/tokenizer/html-entities.ts';
import { letterCase } from '../../../src/model/tokenizer/letter-case.ts';
import { kindOf, tweetWords } from '../../../src/model/tokenizer/tweet-words.ts';
import { wordForm } from '../../../src/model/tokenizer/word-form.ts';
import { readGolden } from '../../helpers/model-bundle.ts';

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
    ['👩‍🚀🔥 🇵🇹🇧🇷 1️⃣', ['👩‍🚀', '🔥', '🇵🇹', '🇧🇷', '1️⃣']],
    ['AT&amp;T &amp; don&#39;t &lt;3', ['AT&amp;T', '&amp;', 'don&#39;t', '&lt;', '3']],
    ['a\u00a0b\u3000c', ['a', 'b', 'c']],
    ['\ud800x\udc00', ['\ud800', 'x', '\udc00']],
    ['', []],
  ])('splits %j', (text, words) => {
    expect(split(text)).toEqual(words);
  });

  it('tells addresses and handles from words', () => {
    const kinds = [...tweetWords('@ana see http://example.com #Big 🔥')].map((word) => word.kind);
    expect(kinds).toEqual(['handle', 'word', 'url', 'word', 'hashtag', 'emoji']);
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
      '&amp;',
      '&nbsp;',
      '&#128512;',
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
        for (const { start, end, text: word } of tweetWords(text)) {
          expect(decodeEntities(text.slice(last, start)).text).toMatch(/^\s*$/u);
          expect(decodeEntities(text.slice(start, end)).text).toBe(word);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          last = end;
        }
        expect(decodeEntities(text.slice(last)).text).toMatch(/^\s*$/u);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['a-', '1.', 'U.', "'s", '@a.', 'don’t', '\u0301', '\udc00', '#', '&amp;', '&#39;', '🔥\u200d'])(
    'reads 900 kB of %j',
    (unit) => {
      const text = unit.repeat(900_000 / unit.length);
      let end = 0;
      for (const word of tweetWords(text)) end = word.end;
      expect(end).toBe(text.length);
    },
  );
});

describe('the rules of training and serving', () => {
  const golden = readGolden<{
    readonly cases: {
      readonly text: string;
      readonly words: [number, number, string, string, string, string, number][];
    }[];
    readonly corpus: { readonly words: string[]; readonly whole: string[]; readonly camel: string[] };
  }>('words.json');
  const whole = { url: 'http', hashtags: 'whole' } as const;
  const camel = { url: null, hashtags: 'camel' } as const;

  it.each(golden.cases)('agree on $text', ({ text, words }) => {
    const made = [...tweetWords(text)].map((word) => [
      word.start,
      word.end,
      word.kind,
      word.text,
      wordForm(word, whole),
      wordForm(word, camel),
      letterCase(word.text),
    ]);
    expect(made).toEqual(words);
  });

  it('agree on words that are split already', () => {
    const { words } = golden.corpus;
    const forms = (rules: Parameters<typeof wordForm>[1]) =>
      words.map((word, i) => {
        const { text } = decodeEntities(word);
        return wordForm({ kind: kindOf(text, words[i - 1]), text }, rules);
      });
    expect(forms(whole)).toEqual(golden.corpus.whole);
    expect(forms(camel)).toEqual(golden.corpus.camel);
  });

  it.each([
    ['GameOfThrones', 'Game Of Thrones'],
    ['NYCMarathon2015', 'NYC Marathon 2015'],
    ['iPhone', 'iPhone'],
    ['ISIS', 'ISIS'],
    ['#BigDay', '# Big Day'],
    ['snake_case', 'snake case'],
  ])('read the tag %s as %s', (text, form) => {
    expect(wordForm({ kind: 'hashtag', text }, camel)).toBe(form);
    expect(wordForm({ kind: 'hashtag', text }, whole)).toBe(text);
  });
});
