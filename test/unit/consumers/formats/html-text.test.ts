import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { htmlToText } from '../../../../src/consumers/formats/html-text.ts';

test.each([
  ['<p>one</p><p>two</p>', 'one\n\ntwo'],
  ['one<br>two<br/>three', 'one\ntwo\nthree'],
  ['  one \n two\t<b> three</b>', 'one two three'],
  ['<ul><li>one</li><li>two</li></ul>', 'one\ntwo'],
  ['a &amp; b &lt;c&gt; &eacute; &#x26BD;', 'a & b <c> é ⚽'],
  ['<script>alert(1)</script><style>p{}</style>shown<!-- not -->', 'shown'],
  ['<p>open <b>never closed', 'open never closed'],
  ['</p></a></b>closed', 'closed'],
  ['', ''],
  ['<img src=x onerror=alert(1)>', ''],
  ['1 < 2 and 3 > 2', '1 < 2 and 3 > 2'],
])('%j reads %j', (html, text) => expect(htmlToText(html).text).toBe(text));

describe('links', () => {
  test('cover what they show, without the white space around it', () => {
    const { text, links } = htmlToText(
      'see <a href="https://example.org" class="u-url mention" rel="tag"> \n<i>this one</i> </a> now',
    );
    expect(text).toBe('see this one now');
    expect(links).toEqual([{ href: 'https://example.org', marks: ['u-url', 'mention', 'tag'], start: 4, end: 12 }]);
  });

  test('that show nothing are left out', () => {
    expect(htmlToText('a<a href="x"></a><a href="y"> </a><a href="z"><img></a>b').links).toEqual([]);
  });
});

test('elements of an unwanted class are left out with all they hold', () => {
  const html = '<p class="quote-inline">RE: <a href="x">x<br></a></p><p>Well said</p>';
  expect(htmlToText(html, new Set(['quote-inline']))).toEqual({ text: 'Well said', links: [] });
});

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }).filter((text) => !/[\s<>&]/u.test(text));
const part = fc.oneof(
  word.map((text) => ({ html: text, shown: undefined as string | undefined })),
  word.map((text) => ({ html: `<a href="https://example.org/">${text}</a>`, shown: text })),
  fc.tuple(word, word).map(([a, b]) => ({ html: `<a href=x> <span>${a}</span> <b>${b}</b></a>`, shown: `${a} ${b}` })),
  fc
    .constantFrom('<br>', '<p>', '</p>', '<div>', ' ', '&nbsp;', '<li>', '</b>')
    .map((html) => ({ html, shown: undefined })),
);

test('every link stands in the text where it is shown, whatever surrounds it', () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const { text, links } = htmlToText(parts.map(({ html }) => html).join(' '));
      const shown = parts.flatMap((item) => item.shown ?? []);
      expect(links.map(({ start, end }) => text.slice(start, end))).toEqual(shown);
      expect(text).toBe(text.replace(/^[ \n]+|[ \n]+$/g, ''));
    }),
    { numRuns: 1000 },
  );
});

test('no HTML makes it throw or give a place outside the text', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 10 }),
    fc.constantFrom(
      '<a href="x">',
      '</a>',
      '<p>',
      '<!--',
      '-->',
      '<![CDATA[',
      '&',
      '&#x;',
      '&#55555555;',
      '<a ',
      '"',
      "='",
      '<script>',
      '</script',
      '\0',
      '\ud800',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const { text, links } = htmlToText(pieces.join(''));
      for (const { start, end } of links) {
        expect(start).toBeLessThan(end);
        expect(end).toBeLessThanOrEqual(text.length);
      }
    }),
    { numRuns: 2000 },
  );
});
