import { describe, expect, it } from 'vitest';
import type { ModelScores } from '../../../../src/domain/model-input.ts';
import { evaluateNer } from '../../../../src/model/evaluate/evaluate-ner.ts';
import { evaluateRe } from '../../../../src/model/evaluate/evaluate-re.ts';
import { spansOf } from '../../../../src/model/evaluate/spans.ts';
import type { Extractor, ExtractorInput } from '../../../../src/model/extractor.ts';
import type { NerPart, RePart } from '../../../../src/model/manifest.ts';

const LABELS = ['O', 'B-PER', 'I-PER', 'B-ORG', 'B-LOC'];
const zeros = LABELS.map(() => 0);
const ner: NerPart = {
  text: 'text.ner.onnx',
  maxSeq: 80,
  letterCase: false,
  thresholds: { default: 0.5 },
  labels: LABELS,
  crf: { start: zeros, end: zeros, transitions: LABELS.map(() => zeros) },
  temperature: 1,
};
const label = (type: string, inverse = false, symmetric = false) => ({ type, inverse, symmetric });
const re = (pairs: RePart['pairs'], labels: RePart['labels']): RePart => ({
  text: 'text.re.onnx',
  maxSeq: 80,
  pairs,
  closeLast: true,
  letterCase: false,
  pictures: true,
  temperature: 1,
  noneBias: 0,
  thresholds: { default: 0.5 },
  labels,
});

/** A model whose scores a test makes up: one piece a word, and logits for each pair that it is shown. */
function fakeExtractor(tagOf: (word: string) => string, logitsOf: (head: number, tail: number) => number[]) {
  const asked: ExtractorInput[] = [];
  const extract = async (input: ExtractorInput) => {
    asked.push(input);
    const words = input.given?.words ?? [];
    const rows = ['', ...words, ''].map((word) =>
      LABELS.map((name): number => (name === (word && tagOf(word)) ? 20 : 0)),
    );
    const scores: ModelScores = {
      pieces: words.length + 2,
      first: words.map((_, i) => i + 1),
      emissions: rows,
      path: rows.map((row) => row.indexOf(Math.max(...row))),
      relations: (input.given?.pairs ?? []).map(({ head, tail }) => logitsOf(head[0], tail[0])),
    };
    return { mentions: [], relations: [], images: [], scores };
  };
  return { extractor: { extract } as unknown as Extractor, asked };
}

const one = (index: number, size: number) => Array.from({ length: size }, (_, i) => (i === index ? 9 : 0));
const none = () => one(0, 3);

describe('spans of tags', () => {
  it('begin at B-, at an I- that continues nothing, and at another type', () => {
    expect(spansOf(['I-PER', 'I-PER', 'B-PER', 'X', 'B-ORG', 'I-PER', '[SEP]'])).toEqual([
      { type: 'PER', start: 0, end: 2 },
      { type: 'PER', start: 2, end: 3 },
      { type: 'ORG', start: 4, end: 5 },
      { type: 'PER', start: 5, end: 6 },
    ]);
  });
});

describe('evaluating entities', () => {
  it('counts exact spans and types, as the service reads words', async () => {
    const tags: Record<string, string> = { Ana: 'B-PER', Lima: 'I-PER', Porto: 'B-ORG' };
    const { extractor, asked } = fakeExtractor((word) => tags[word] ?? 'O', none);
    const posts = [
      { imageId: '', words: ['Ana', 'Lima', 'in', 'Porto'], tags: ['B-PER', 'I-PER', 'O', 'B-LOC'] },
      { imageId: '', words: ['Rui'], tags: ['B-PER'] },
    ];
    const result = await evaluateNer(posts, ner, { extractor });
    expect(result.n).toBe(2);
    expect(result.micro).toEqual({ p: 50, r: 33.33, f1: 40 });
    expect(result.perType['PER']).toEqual({ p: 100, r: 50, f1: 66.67 });
    expect(Object.keys(result.perType)).toEqual(['LOC', 'ORG', 'PER']);
    expect(asked[0]).toMatchObject({ normaliseWords: true, scores: true, given: { words: posts[0]?.words } });
  });

  it('asks for the picture of a post where there are pictures', async () => {
    const { extractor, asked } = fakeExtractor(() => 'O', none);
    const pictureOf = (id: string) => async () => ({ outcome: 'missing' as const, id });
    await evaluateNer([{ imageId: '7', words: ['a'], tags: ['O'] }], ner, { extractor, pictureOf });
    expect(asked[0]?.images).toHaveLength(1);
  });
});

const row = (head: number, tail: number, relation: string) => ({
  words: ['Ana', 'of', 'Labs'],
  head: [head, head + 1] as const,
  tail: [tail, tail + 1] as const,
  relation,
  imageId: '',
});
const types = (word: string) => ({ Ana: 'B-PER', Labs: 'B-ORG' })[word] ?? 'O';

describe('evaluating relations', () => {
  const directed = re('text', [label('None'), label('/per/org/member_of'), label('/per/org/member_of', true)]);

  it('shows a pair in text order and counts a relation in its right direction only', async () => {
    // Forward in the text: always "member_of", head first. Backward, as the file has it: inverse, which is the same.
    const { extractor } = fakeExtractor(types, (head, tail) => one(head < tail ? 1 : 2, 3));
    const rows = [row(0, 2, '/per/org/member_of'), row(2, 0, '/per/org/member_of'), row(0, 2, 'None')];
    const { orders, micro } = await evaluateRe(rows, { re: directed, ner }, { extractor });
    expect(micro).toEqual(orders.serving);
    // The second row's gold relation runs from Labs to Ana: what is found runs the other way, in either order.
    expect(orders.serving).toEqual({ p: 33.33, r: 50, f1: 40 });
    expect(orders.given).toEqual(orders.serving);
  });

  it('tells the order that betrays the answer from the one a service can know', async () => {
    const leaky = fakeExtractor(types, (head, tail) => one(head < tail ? 0 : 1, 3));
    const { orders } = await evaluateRe(
      [row(2, 0, '/per/org/member_of')],
      { re: directed, ner },
      { extractor: leaky.extractor },
    );
    expect(orders.given.f1).toBe(100);
    expect(orders.serving.f1).toBe(0);
  });

  it('takes a symmetric relation in either direction', async () => {
    const peers = re('text', [label('None'), label('/per/per/peer', false, true)]);
    const { extractor } = fakeExtractor(types, () => one(1, 2));
    const { micro } = await evaluateRe([row(2, 0, '/per/per/peer')], { re: peers, ner }, { extractor });
    expect(micro.f1).toBe(100);
  });

  it('shows a canonical pair by the types our tagger gives its spans', async () => {
    const canonical = re('canonical', [label('None'), label('/per/org/member_of'), label('/org/loc/locate_at')]);
    // Right only when Ana, the person, is shown as the head, wherever the file has her.
    const { extractor } = fakeExtractor(types, (head) => one(head === 0 ? 1 : 2, 3));
    const rows = [row(0, 2, '/per/org/member_of')];
    const found = await evaluateRe(rows, { re: canonical, ner }, { extractor });
    expect(found.orders.serving.f1).toBe(100);
    const untyped = fakeExtractor(
      (word) => (word === 'Ana' ? 'B-LOC' : 'O'),
      (head) => one(head === 0 ? 1 : 2, 3),
    );
    const lost = await evaluateRe(rows, { re: canonical, ner }, { extractor: untyped.extractor });
    expect(lost.orders.given.f1).toBe(100);
    expect(lost.orders.serving.f1).toBe(0);
  });
});
