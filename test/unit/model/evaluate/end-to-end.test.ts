import { describe, expect, it } from 'vitest';
import { evaluateEndToEnd } from '../../../../src/model/evaluate/end-to-end.ts';
import type { RelationRow } from '../../../../src/model/evaluate/mnre.ts';
import type { Extractor, ExtractorInput } from '../../../../src/model/extractor.ts';

const MEMBER = '/per/org/member_of';
const PEER = '/per/per/peer';
const WORDS = ['Ana', 'and', '@rui', 'of', 'Grape', 'Labs'];
const row = (head: [number, number], tail: [number, number], relation: string): RelationRow => ({
  words: WORDS,
  head,
  tail,
  relation,
  imageId: '7',
});
const SPANS = { Ana: 'PER', rui: 'PER', 'Grape Labs': 'ORG' };

/** A model that finds every span of the text, and these relations between their names. */
function finding(relations: readonly (readonly [string, string, string, true?])[]) {
  const asked: ExtractorInput[] = [];
  const names = Object.keys(SPANS);
  const extract = async (input: ExtractorInput) => {
    asked.push(input);
    return {
      mentions: names.map((text, id) => {
        const start = input.text.indexOf(text);
        return { id, text, start, end: start + text.length, type: 'PER', p: 1 };
      }),
      relations: relations.map(([type, head, tail, symmetric]) => {
        return { type, head: names.indexOf(head), tail: names.indexOf(tail), p: 1, ...(symmetric && { symmetric }) };
      }),
      images: [],
    };
  };
  return { extractor: { extract } as unknown as Extractor, asked };
}

describe('evaluating relations end to end', () => {
  const rows = [row([0, 1], [4, 6], MEMBER), row([2, 3], [0, 1], PEER)];

  it('reads a text once and judges relations between annotated spans, signs left out', async () => {
    const { extractor, asked } = finding([
      [MEMBER, 'Ana', 'Grape Labs'],
      [PEER, 'Ana', 'rui', true],
      [MEMBER, 'rui', 'Grape Labs'],
    ]);
    expect(await evaluateEndToEnd(rows, { extractor })).toEqual({ n: 1, p: 100, r: 100, f1: 100, others: 1 });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ given: { words: WORDS }, normaliseWords: true });
    expect(asked[0]?.given?.pairs).toBeUndefined();
  });

  it('counts the wrong direction, the wrong type and a relation where none is annotated as wrong', async () => {
    const backward = finding([[MEMBER, 'Grape Labs', 'Ana']]);
    expect((await evaluateEndToEnd(rows, backward)).f1).toBe(0);
    const one = finding([[PEER, 'rui', 'Ana']]);
    expect(await evaluateEndToEnd(rows, one)).toMatchObject({ p: 100, r: 50, others: 0 });
    const none = finding([[PEER, 'rui', 'Ana']]);
    expect(await evaluateEndToEnd([row([2, 3], [0, 1], 'None')], none)).toMatchObject({ p: 0, r: 0, others: 0 });
  });

  it('adds up texts that are read at once', async () => {
    const { extractor } = finding([
      [MEMBER, 'Ana', 'Grape Labs'],
      [MEMBER, 'rui', 'Grape Labs'],
    ]);
    const texts = ['a', 'b', 'c'].map((word) => ({ ...row([0, 1], [4, 6], MEMBER), words: [...WORDS, word] }));
    expect(await evaluateEndToEnd(texts, { extractor })).toEqual({ n: 3, p: 100, r: 100, f1: 100, others: 3 });
  });

  it('reads a text with its picture where there are pictures', async () => {
    const { extractor, asked } = finding([]);
    const pictureOf = () => async () => ({ outcome: 'missing' as const });
    await evaluateEndToEnd(rows, { extractor, pictureOf });
    expect(asked[0]?.images).toHaveLength(1);
  });
});
