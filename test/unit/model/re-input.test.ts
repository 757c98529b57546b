import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Span } from '../../../src/model/hvpnet/decode-mentions.ts';
import { reRow } from '../../../src/model/hvpnet/re-input.ts';
import type { EncodedPost } from '../../../src/model/tokenizer/encode-post.ts';
import { CASE_STEP } from '../../../src/model/tokenizer/letter-case.ts';
import { readManifest } from '../../helpers/model-bundle.ts';

const manifest = readManifest();
const { cls, sep, markers } = manifest.tokenizer;
const NAMES = new Map([
  [cls, 'CLS'],
  [sep, 'SEP'],
  [markers.headStart, '<s>'],
  [markers.headEnd, '</s>'],
  [markers.tailStart, '<o>'],
  [markers.tailEnd, '</o>'],
]);

/** A post whose words have the given numbers of pieces; the pieces count up from 1000. */
function post(lengths: readonly number[]): EncodedPost {
  const offsets = [0];
  for (const length of lengths) offsets.push((offsets.at(-1) as number) + length);
  const pieces = Int32Array.from({ length: offsets.at(-1) as number }, (_, i) => 1000 + i);
  return {
    text: '',
    words: lengths.map((_, i) => ({ start: i, end: i + 1, kind: 'word', text: '' })),
    pieces,
    cased: pieces.map((piece) => piece + CASE_STEP),
    offsets: Int32Array.from(offsets),
  };
}

const span = (firstWord: number, endWord: number): Span => ({
  type: 'PER',
  start: firstWord,
  end: endWord,
  firstWord,
  endWord,
  p: 1,
});

function row(lengths: readonly number[], first: Span, second: Span, maxSeq = manifest.re.maxSeq, closeLast = true) {
  const result = reRow(post(lengths), first, second, { maxSeq, closeLast, letterCase: false, cls, sep, markers });
  return { ...result, shown: Array.from(result.ids, (id) => NAMES.get(id) ?? String(id - 1000)).join(' ') };
}

describe('the row of a pair', () => {
  it('has markers between words', () => {
    const { shown, head, tail } = row([1, 2, 1, 1], span(1, 2), span(3, 4));
    expect(shown).toBe('CLS 0 <s> 1 2 </s> 3 <o> 4 </o> SEP');
    expect([head, tail]).toEqual([2, 7]);
  });

  it('orders markers that meet', () => {
    expect(row([1, 1], span(0, 1), span(1, 2)).shown).toBe('CLS <s> 0 </s> <o> 1 </o> SEP');
    expect(row([1, 1, 1], span(0, 3), span(1, 2)).shown).toBe('CLS <s> 0 <o> 1 </o> 2 </s> SEP');
    expect(row([1, 1, 1], span(0, 2), span(1, 3)).shown).toBe('CLS <s> 0 <o> 1 </s> 2 </o> SEP');
    expect(row([1, 0, 1], span(0, 1), span(2, 3)).shown).toBe('CLS <s> 0 </s> <o> 1 </o> SEP');
  });

  it('takes the head wherever it stands, crossing the tail where they meet', () => {
    expect(row([1, 1, 1], span(2, 3), span(0, 1)).shown).toBe('CLS <o> 0 </o> 1 <s> 2 </s> SEP');
    expect(row([1, 1, 1], span(1, 2), span(0, 1)).shown).toBe('CLS <o> 0 <s> </o> 1 </s> 2 SEP');
  });

  it('leaves out a closing marker at the end of the text as the paper does, where the bundle says so', () => {
    expect(row([1, 1], span(0, 1), span(1, 2), 80, false).shown).toBe('CLS <s> 0 </s> <o> 1 SEP');
    expect(row([1, 1], span(0, 2), span(0, 1), 80, false).shown).toBe('CLS <s> <o> 0 </o> 1 SEP');
    expect(row([1, 1, 0], span(0, 1), span(1, 2), 80, false).shown).toBe('CLS <s> 0 </s> <o> 1 </o> SEP');
  });

  it('cuts a long text around the pair', () => {
    const words = Array<number>(40).fill(1);
    expect(row(words, span(20, 21), span(22, 23), 14).shown).toBe('CLS 18 19 <s> 20 </s> 21 <o> 22 </o> 23 24 25 SEP');
    expect(row(words, span(0, 1), span(2, 3), 14).shown).toBe('CLS <s> 0 </s> 1 <o> 2 </o> 3 4 5 6 7 SEP');
    expect(row(words, span(37, 38), span(39, 40), 14).shown).toBe('CLS 32 33 34 35 36 <s> 37 </s> 38 <o> 39 </o> SEP');
  });

  it('cuts around each mention of a pair that is too wide', () => {
    const words = Array<number>(40).fill(1);
    expect(row(words, span(5, 6), span(30, 32), 14).shown).toBe('CLS 4 <s> 5 </s> 6 7 29 <o> 30 31 </o> 32 SEP');
    expect(row([30, 1, 30], span(0, 1), span(2, 3), 14).shown).toBe('CLS <s> 0 1 2 3 </s> <o> 31 32 33 34 </o> SEP');
  });

  it('holds all four markers once and never exceeds the limit', () => {
    const cases = fc.record({
      lengths: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 40 }),
      at: fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()),
      maxSeq: fc.integer({ min: 16, max: 40 }),
    });
    fc.assert(
      fc.property(cases, ({ lengths, at, maxSeq }) => {
        const [a, b, c, d] = at.map((n) => n % lengths.length).sort((x, y) => x - y) as [
          number,
          number,
          number,
          number,
        ];
        for (const [first, second] of [
          [span(a, b + 1), span(c, d + 1)],
          [span(a, d + 1), span(b, c + 1)],
        ] as const) {
          const { ids, head, tail } = row(lengths, first, second, maxSeq);
          expect(ids.length).toBeLessThanOrEqual(maxSeq);
          for (const marker of Object.values(markers)) expect(ids.filter((id) => id === marker)).toHaveLength(1);
          expect([ids[head], ids[tail]]).toEqual([markers.headStart, markers.tailStart]);
          const pieces = [...ids].filter((id) => !NAMES.has(id));
          expect(pieces).toEqual([...new Set(pieces)].sort((x, y) => x - y));
        }
      }),
    );
  });

  it('carries the letter case of words where a bundle asks for it, and never on a marker', () => {
    const rules = { maxSeq: 80, closeLast: true, letterCase: true, cls, sep, markers };
    const { ids } = reRow(post([1, 2]), span(0, 1), span(1, 2), rules);
    const [a, b, c] = [1000, 1001, 1002].map((piece) => piece + CASE_STEP);
    expect([...ids]).toEqual([
      cls,
      markers.headStart,
      a,
      markers.headEnd,
      markers.tailStart,
      b,
      c,
      markers.tailEnd,
      sep,
    ]);
  });
});
