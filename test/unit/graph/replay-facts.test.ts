import { expect, test } from 'vitest';
import { replayFacts } from '../../../src/graph/plan/replay-facts.ts';
import type { EvidenceRow, ResolvedPost } from '../../../src/graph/plan/rows.ts';
import type { AcceptedPost } from '../../../src/graph/plan/runs.ts';
import { place } from '../../../src/graph/plan/standings.ts';
import { resolvePost } from '../../../src/graph/resolve/resolve-post.ts';
import { deletionOf, extractionOf, memberPost } from '../../helpers/graph-extractions.ts';

const [one, two] = [resolvePost(memberPost({ id: '1' })), resolvePost(memberPost({ id: '2', author: 'b' }))];
const fact = one.evidence[0]?.factId ?? '';
const standingOf = (post: ResolvedPost) => (post.row.deleted ? 'deleted' : 'live');
const accept = (incoming: ResolvedPost, stored?: ResolvedPost): AcceptedPost => ({
  incoming: place(incoming, standingOf(incoming)),
  stored: stored && { ...stored.row, standing: standingOf(stored) },
});
const after = (posts: readonly AcceptedPost[], evidence: readonly EvidenceRow[], facts = replayed(evidence)) =>
  replayFacts(
    posts,
    { facts, evidence, hot: new Map(), oldFacts: new Map(evidence.map((row) => [row.postId, [row.factId]])) },
    2000,
  );

/** The stored fact that evidence makes. */
function replayed(evidence: readonly EvidenceRow[]) {
  const posts = [one, two].filter((post) => evidence.some((row) => row.postId === post.row.id));
  return replayFacts(
    posts.map((post) => accept(post)),
    { facts: [], evidence: [], hot: new Map(), oldFacts: new Map() },
    1000,
  ).facts;
}

test('a first post creates, a second source strengthens', () => {
  const { facts, events } = after([accept(one), accept(two)], []);
  expect(events.map((event) => event.kind)).toEqual(['fact.created', 'fact.strengthened']);
  expect(facts).toMatchObject([{ id: fact, evidenceCount: 2, createdMs: 2000, expiredMs: null }]);
});

test('a last post that goes retracts and keeps the history', () => {
  const gone = accept(resolvePost(deletionOf('1', '5')), one);
  const { facts, events } = after([gone], one.evidence);
  expect(events).toMatchObject([{ kind: 'fact.retracted', postVersion: '5' }]);
  expect(facts).toMatchObject([{ evidenceCount: 0, confidence: 0, createdMs: 1000, expiredMs: 2000 }]);
});

test('one post leaves and another comes: both are told in the order of the batch', () => {
  const empty = accept(resolvePost(extractionOf({ id: '1', version: '1' })), one);
  const leaveFirst = after([empty, accept(two)], one.evidence).events.map((event) => event.kind);
  const comeFirst = after([accept(two), empty], one.evidence).events.map((event) => event.kind);
  expect(leaveFirst).toEqual(['fact.retracted', 'fact.created']);
  expect(comeFirst).toEqual(['fact.strengthened']);
});

test('a second record of one version causes events of its own', () => {
  const again = (generation: number) => resolvePost(memberPost({ id: '1', generation }));
  const keys = [accept(one), accept(again(2), one), accept(again(3), one)].map(
    (post) => after([post], []).events[0]?.key,
  );
  expect(new Set(keys).size).toBe(3);
  expect(after([accept(one)], []).events[0]?.key).toBe(keys[0]);
});
