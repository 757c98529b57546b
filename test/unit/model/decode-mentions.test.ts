import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMentions } from '../../../src/model/hvpnet/decode-mentions.ts';
import { encodePost, firstPiece } from '../../../src/model/tokenizer/encode-post.ts';
import { readManifest, readTokenizer } from '../../helpers/model-bundle.ts';

const manifest = readManifest();
const tokenizer = readTokenizer(manifest);
const { labels } = manifest.ner;
/** A field that adds nothing: the emissions alone decide. */
const zero = labels.map(() => 0);
const ner = {
  ...manifest.ner,
  crf: { start: zero, end: zero, transitions: labels.map(() => zero) },
  temperature: 1,
  thresholds: { default: 0.5 },
};

/** Mentions when each word's first piece has the given tag, with a margin over the other tags. */
function mentions(text: string, tags: readonly string[], margin = 20, options = ner) {
  const post = encodePost(text, tokenizer, manifest.text);
  const emissions = new Float32Array((post.pieces.length + 2) * labels.length);
  tags.forEach((tag, word) => {
    const piece = firstPiece(post, word);
    if (piece >= 0) emissions[(piece + 1) * labels.length + labels.indexOf(tag)] = margin;
  });
  return decodeMentions(post, emissions, options).map((span) => ({ ...span, text: text.slice(span.start, span.end) }));
}

const found = (text: string, tags: readonly string[]) =>
  mentions(text, tags).map((span) => `${span.type} ${span.text}`);

describe('decoding mentions', () => {
  it('joins B- and I- of one type and parts others', () => {
    expect(found('Ana Lima Porto FC Rui', ['B-PER', 'I-PER', 'B-ORG', 'I-ORG', 'B-PER'])).toEqual([
      'PER Ana Lima',
      'ORG Porto FC',
      'PER Rui',
    ]);
    expect(found('Ana Rui Porto', ['B-PER', 'B-PER', 'I-LOC'])).toEqual(['PER Ana', 'PER Rui', 'LOC Porto']);
  });

  it('begins a mention at an I- that continues nothing', () => {
    expect(found('in New Porto', ['O', 'I-LOC', 'I-LOC'])).toEqual(['LOC New Porto']);
    expect(found('Ana Porto', ['B-PER', 'I-LOC'])).toEqual(['PER Ana', 'LOC Porto']);
  });

  it.each(['X', 'PAD', '[CLS]', '[SEP]', 'O'])('reads %s at a word as outside', (tag) => {
    expect(found('Ana and Rui', ['B-PER', tag, 'I-PER'])).toEqual(['PER Ana', 'PER Rui']);
  });

  it('reads a word without pieces as outside', () => {
    expect(found('Ana \u200b Rui', ['B-PER', 'I-PER', 'I-PER'])).toEqual(['PER Ana', 'PER Rui']);
  });

  it('trims signs and the words that are nothing else', () => {
    const [tag] = mentions('see #Porto now', ['O', 'B-LOC', 'I-LOC', 'O']);
    expect(tag).toMatchObject({ text: 'Porto', start: 5, end: 10, firstWord: 2, endWord: 3 });
    expect(found('by @ana_lima # !', ['O', 'B-PER', 'I-PER', 'O'])).toEqual(['PER ana_lima']);
    expect(found('# @ !', ['B-PER', 'I-PER', 'O'])).toEqual([]);
  });

  it('counts offsets in UTF-16 code units of the original', () => {
    expect(mentions('🔥🔥 Zoë\u0301 x', ['O', 'O', 'B-PER', 'O'])).toMatchObject([
      { start: 5, end: 9, text: 'Zoë\u0301' },
    ]);
  });

  it('gives the weakest word’s probability and drops what is below its type’s threshold', () => {
    // With one tag ahead by m and the others level: e^m / (e^m + 12); B- and I- of the type count together.
    const p = (Math.exp(3) + 1) / (Math.exp(3) + 12);
    expect(mentions('Ana Lima', ['B-PER', 'I-PER'], 3)[0]?.p).toBeCloseTo(p, 6);
    const strict = { ...ner, thresholds: { default: 0.5, PER: 0.9 } };
    expect(mentions('Ana Porto', ['B-PER', 'B-LOC'], 3, strict).map((span) => span.type)).toEqual(['LOC']);
  });

  it('is less sure at a higher temperature, of the same mentions', () => {
    const p = (Math.exp(1.5) + 1) / (Math.exp(1.5) + 12);
    const warm = { ...ner, temperature: 2, thresholds: { default: 0 } };
    expect(mentions('Ana Lima', ['B-PER', 'I-PER'], 3, warm)).toMatchObject([{ type: 'PER', p: expect.closeTo(p, 6) }]);
  });

  it('fails on emissions that are not numbers', () => {
    expect(() => mentions('Ana Lima', ['B-PER', 'I-PER'], Number.NaN)).toThrow(
      expect.objectContaining({ code: 'MODEL_FAILED' }),
    );
  });

  it('never throws and never gives a span that is empty, overlaps or begins with a sign', () => {
    const words = fc.constantFrom(
      '#',
      '@',
      '@ana',
      'Porto',
      '\u200b',
      '🔥',
      '\ud800',
      "'s",
      '.',
      'https://example.com',
    );
    const input = fc.array(fc.tuple(words, fc.constantFrom(...labels)), { maxLength: 12 });
    fc.assert(
      fc.property(input, (parts) => {
        let last = 0;
        for (const span of mentions(
          parts.map(([word]) => word).join(' '),
          parts.map(([, tag]) => tag),
        )) {
          expect(span.start).toBeGreaterThanOrEqual(last);
          expect(span.text).toMatch(/^[^#@\s]([^]*[^#@\s])?$/u);
          expect(span.endWord).toBeGreaterThan(span.firstWord);
          last = span.end;
        }
      }),
    );
  });
});
