import { describe, expect, it } from 'vitest';
import { classifyPair } from '../../../src/model/hvpnet/classify.ts';
import type { Span } from '../../../src/model/hvpnet/decode-mentions.ts';
import { pairMentions, present } from '../../../src/model/hvpnet/pairs.ts';
import { RelationSchema } from '../../../src/model/hvpnet/relation-schema.ts';

const label = (type: string, inverse = false, symmetric = false) => ({ type, inverse, symmetric });
const labels = [
  label('None'),
  label('/per/org/member_of'),
  label('/per/org/member_of', true),
  label('/per/per/peer', false, true),
  label('/per/per/parent'),
  label('/per/per/parent', true),
];
const schema = new RelationSchema(labels);
const re = { temperature: 1, noneBias: 0, thresholds: { default: 0.5 } };
const span = (type: string, start: number): Span => ({
  type,
  start,
  end: start + 3,
  firstWord: start,
  endWord: start + 1,
  p: 1,
});

describe('legal relations', () => {
  it('fit both types in their direction', () => {
    expect(schema.legal('PER', 'ORG')).toEqual([1]);
    expect(schema.legal('ORG', 'PER')).toEqual([2]);
    expect(schema.legal('PER', 'PER')).toEqual([3, 4, 5]);
    expect(schema.legal('LOC', 'ORG')).toEqual([]);
  });

  it('include a relation whose name holds no types', () => {
    expect(new RelationSchema([label('None'), label('knows')]).legal('A', 'B')).toEqual([1]);
  });
});

describe('pairs of mentions', () => {
  it('are those that can be related, in text order', () => {
    const spans = [span('PER', 0), span('LOC', 10), span('ORG', 20), span('PER', 30)];
    expect(pairMentions(spans, schema, 'text', 50)).toEqual([
      { first: 0, second: 2 },
      { first: 0, second: 3 },
      { first: 2, second: 3 },
    ]);
  });

  it('are the closest when there are too many, ties in text order', () => {
    const spans = [span('PER', 0), span('PER', 10), span('PER', 20), span('PER', 25)];
    expect(pairMentions(spans, schema, 'text', 2)).toEqual([
      { first: 0, second: 1 },
      { first: 2, second: 3 },
    ]);
    expect(
      pairMentions(
        Array.from({ length: 3_000 }, (_, i) => span('PER', i * 10)),
        schema,
        'text',
        50,
      ),
    ).toHaveLength(50);
  });
});

describe('presenting a pair', () => {
  const directed = new RelationSchema([label('None'), label('/per/org/member_of'), label('/per/per/parent')]);
  const spans = [span('ORG', 0), span('PER', 10), span('PER', 20), span('LOC', 30)];

  it('puts the first mention first in text order', () => {
    expect(present({ first: 0, second: 1 }, spans, schema, 'text')).toEqual([{ head: 0, tail: 1 }]);
    expect(present({ first: 0, second: 3 }, spans, schema, 'text')).toEqual([]);
  });

  it('follows the types in canonical order, and takes both orders between equal types', () => {
    expect(present({ first: 0, second: 1 }, spans, directed, 'canonical')).toEqual([{ head: 1, tail: 0 }]);
    expect(present({ first: 1, second: 2 }, spans, directed, 'canonical')).toEqual([
      { head: 1, tail: 2 },
      { head: 2, tail: 1 },
    ]);
    expect(present({ first: 0, second: 3 }, spans, directed, 'canonical')).toEqual([]);
    expect(pairMentions(spans, directed, 'canonical', 50)).toEqual([
      { first: 0, second: 1 },
      { first: 0, second: 2 },
      { first: 1, second: 2 },
    ]);
  });
});

describe('classifying a pair', () => {
  const classify = (
    logits: number[],
    first = 'PER',
    second = 'ORG',
    options: Parameters<typeof classifyPair>[3] = re,
  ) => classifyPair(Float32Array.from(logits), schema.legal(first, second), schema, options);

  it('looks at legal classes only', () => {
    const result = classify([0, 2, 99, 99, 99, 99]);
    expect(result).toMatchObject({ type: '/per/org/member_of', inverse: false, symmetric: false });
    expect(result?.p).toBeCloseTo(Math.exp(2) / (1 + Math.exp(2)), 6);
  });

  it('tells the direction and the symmetry', () => {
    expect(classify([0, 0, 5, 0, 0, 0], 'ORG', 'PER')).toMatchObject({ type: '/per/org/member_of', inverse: true });
    expect(classify([0, 0, 0, 5, 0, 0], 'PER', 'PER')).toMatchObject({ type: '/per/per/peer', symmetric: true });
    expect(classify([0, 0, 0, 0, 0, 5], 'PER', 'PER')).toMatchObject({ type: '/per/per/parent', inverse: true });
  });

  it('divides by the temperature and keeps what reaches its type’s threshold', () => {
    expect(classify([0, 4, 0, 0, 0, 0], 'PER', 'ORG', { ...re, temperature: 2 })?.p).toBeCloseTo(
      Math.exp(2) / (1 + Math.exp(2)),
      6,
    );
    expect(classify([3, 2, 0, 0, 0, 0])).toBeUndefined();
    const strict = { ...re, thresholds: { default: 0.5, '/per/org/member_of': 0.9 } };
    expect(classify([0, 2, 0, 0, 0, 0], 'PER', 'ORG', strict)).toBeUndefined();
    const lenient = { ...re, thresholds: { default: 0.1 } };
    expect(classify([1, 0.5, 0, 0, 0, 0], 'PER', 'ORG', lenient)).toBeUndefined();
    expect(classify([0, 0.5, 0.1, 0.1, 0.1, 0.1], 'PER', 'PER', lenient)).toMatchObject({ type: '/per/per/peer' });
  });

  it('adds the bias of no relation to the probability alone', () => {
    const biased = { ...re, noneBias: 1.5, thresholds: { default: 0.2 } };
    const found = classify([0, 1, 0, 0, 0, 0], 'PER', 'ORG', biased);
    expect(found?.type).toBe('/per/org/member_of');
    expect(found?.p).toBeCloseTo(Math.E / (Math.E + Math.exp(1.5)), 6);
    expect(classify([1, 0.9, 0, 0, 0, 0], 'PER', 'ORG', { ...biased, noneBias: -9 })).toBeUndefined();
  });

  it('fails for a row that is not a number, and for that row only', () => {
    expect(() => classify([0, Number.NaN, 0, 0, 0, 0])).toThrow(
      expect.objectContaining({ code: 'MODEL_FAILED', retryable: false }),
    );
    expect(classify([0, 5, Number.NaN, 0, 0, 0])).toBeDefined();
  });
});
