import { expect, test } from 'vitest';
import type { Decision, Ruling } from '../../../src/domain/decision.ts';
import { evidenceId, factId } from '../../../src/domain/ids.ts';
import { canonicalEvidence } from '../../../src/graph/plan/canonicalise.ts';
import { DecisionLog } from '../../../src/graph/plan/decision-log.ts';
import type { EvidenceRow } from '../../../src/graph/plan/rows.ts';

const resolutionOf = (log: readonly Decision[]) => new DecisionLog(log).now;
const key = (id: string) => ({ id, type: 'PER', normName: id });
const logOf = (...rulings: readonly Ruling[]): readonly Decision[] =>
  rulings.map((ruling, index) => ({ ...ruling, id: `${index}`, reason: null, atMs: index }));
const merge = (from: string, into: string): Ruling => ({ kind: 'merge', from: key(from), into: key(into) });
const reject = (headId: string): Ruling => ({ kind: 'reject', headId, type: 'knows', tailId: 'x' });
const evidenceOf = (headId: string): EvidenceRow => ({
  id: evidenceId('post', headId, 'knows', 'x'),
  factId: factId(headId, 'knows', 'x'),
  factType: 'knows',
  headId,
  tailId: 'x',
  postId: 'post',
  headMentionId: 'head',
  tailMentionId: 'tail',
  p: 0.9,
  eventMs: 0,
  extractor: 'test/1',
  authorId: 'author',
  sourceKey: 'source',
});

test('what was rejected of any entity that a name has been stays rejected, and of no other', () => {
  const resolution = resolutionOf(logOf(merge('a', 'b'), reject('b'), merge('b', 'c')));
  expect(canonicalEvidence(evidenceOf('a'), resolution)).toBeUndefined();
  expect(canonicalEvidence(evidenceOf('b'), resolution)).toBeUndefined();
  expect(canonicalEvidence(evidenceOf('c'), resolution)).toEqual(evidenceOf('c'));
});

test('an undone decision counts no more, and counts again once its undoing is undone', () => {
  const undo = (decisionId: string): Ruling => ({ kind: 'undo', decisionId });
  expect(resolutionOf(logOf(merge('a', 'b'), undo('0'))).redirects.size).toBe(0);
  expect(resolutionOf(logOf(merge('a', 'b'), undo('0'), undo('1'))).redirects.get('a')?.root.id).toBe('b');
});
