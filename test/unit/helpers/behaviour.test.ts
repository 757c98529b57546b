import { describe, expect, it } from 'vitest';
import type { Extraction } from '../../../src/domain/extraction.ts';
import { type BehaviourCase, judge, passRates, passTable, readCases } from '../../helpers/behaviour.ts';
import { readManifest } from '../../helpers/model-bundle.ts';

const span = (text: string, start: number, type: string) => ({ text, start, end: start + text.length, type });
const member = '/per/org/member_of';
const ana = span('Ana', 0, 'PER');
const labs = span('Labs', 7, 'ORG');
const expected: BehaviourCase = {
  id: 'a',
  group: 'plain',
  text: 'Ana of Labs',
  mentions: [ana, { ...labs, or: [span('Labs', 7, 'LOC')] }],
  relations: [{ type: member, head: 0, tail: 1 }],
};

/** What the service is made to say. */
function found(mentions: readonly ReturnType<typeof span>[], relations: readonly object[] = []): Extraction {
  return { mentions, relations } as unknown as Extraction;
}

describe('judging a case', () => {
  it('wants everything and nothing else', () => {
    const all = [{ type: member, head: 0, tail: 1 }];
    expect(judge(expected, found([ana, labs], all))).toEqual({ mentions: true, relations: true });
    expect(judge(expected, found([ana], []))).toEqual({ mentions: false, relations: false });
    expect(judge(expected, found([ana, labs, span('of', 4, 'LOC')], all)).mentions).toBe(false);
    expect(judge(expected, found([ana, labs], [...all, ...all.map((one) => ({ ...one, type: 'x' }))])).relations).toBe(
      false,
    );
  });

  it('takes what a person may as well say, and leaves out what is optional', () => {
    expect(judge(expected, found([ana, span('Labs', 7, 'LOC')])).mentions).toBe(true);
    const loose: BehaviourCase = { ...expected, mentions: [ana, { ...labs, optional: true }], relations: [] };
    expect(judge(loose, found([ana]))).toEqual({ mentions: true, relations: true });
    expect(judge(loose, found([ana, labs])).mentions).toBe(true);
  });

  it('wants the direction of a relation unless it has none', () => {
    expect(judge(expected, found([ana, labs], [{ type: member, head: 1, tail: 0 }])).relations).toBe(false);
    const peers: BehaviourCase = { ...expected, relations: [{ type: 'peer', head: 0, tail: 1 }] };
    const back = [{ type: 'peer', head: 1, tail: 0, symmetric: true }];
    expect(judge(peers, found([ana, labs], back)).relations).toBe(true);
  });

  it('wants a post skipped for the reason that is expected', () => {
    const skipped: BehaviourCase = { ...expected, mentions: [], relations: [], skipped: 'unsupported_language' };
    expect(judge(skipped, found([])).mentions).toBe(false);
    expect(judge(skipped, { ...found([]), skipped: 'unsupported_language' }).mentions).toBe(true);
  });
});

describe('pass rates', () => {
  it('are counted by group and in all', () => {
    const rates = passRates(
      [expected, { ...expected, group: 'other' }],
      [
        { mentions: true, relations: false },
        { mentions: true, relations: true },
      ],
    );
    expect(rates['plain']).toEqual({ cases: 1, mentions: 1, relations: 0 });
    expect(rates['all']).toEqual({ cases: 2, mentions: 2, relations: 1 });
    expect(passTable(rates).at(-1)).toMatch(/^all +2\/2 100 % +1\/2 50 %$/);
  });
});

describe('the behaviour cases', () => {
  const cases = readCases();

  it('are about 150, each with an id of its own', () => {
    expect(cases.length).toBeGreaterThanOrEqual(150);
    expect(new Set(cases.map((one) => one.id)).size).toBe(cases.length);
    expect(cases.filter((one) => one.group === 'no entity').length).toBeGreaterThanOrEqual(25);
  });

  it('name spans of their text and relations that the types allow', () => {
    const types = new Set(readManifest().re.labels.map((label) => label.type));
    for (const { id, text, mentions, relations } of cases) {
      for (const one of mentions.flatMap((mention) => [mention, ...(mention.or ?? [])])) {
        expect(text.slice(one.start, one.end), id).toBe(one.text);
      }
      const typesOf = (at: number) => [mentions[at], ...(mentions[at]?.or ?? [])].map((one) => one?.type);
      for (const one of relations.flatMap((relation) => [relation, ...(relation.or ?? [])])) {
        const [, head = '', tail = ''] = one.type.toUpperCase().split('/');
        expect(types, id).toContain(one.type);
        expect(typesOf(one.head), id).toContain(head);
        expect(typesOf(one.tail), id).toContain(tail);
      }
    }
  });
});
