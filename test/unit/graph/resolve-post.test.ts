import { expect, test } from 'vitest';
import { resolvePost } from '../../../src/graph/resolve/resolve-post.ts';
import { deletionOf, extractionOf, MEMBER_OF, memberPost } from '../../helpers/graph-extractions.ts';

const people = [
  ['Ada', 'PER'],
  ['Bo', 'PER'],
  ['ADA', 'PER'],
] as const;

test('two surface forms of one entity are two mentions of it', () => {
  const { mentions, entities } = resolvePost(extractionOf({ mentions: people }));
  expect(entities).toHaveLength(2);
  expect(new Set(mentions.map((mention) => mention.entityId)).size).toBe(2);
  expect(mentions.map((mention) => mention.text).sort()).toEqual(['ADA', 'Ada', 'Bo']);
});

test('a fact asserted twice by one post is one piece of evidence, with the largest p', () => {
  const relations = [
    [MEMBER_OF, 0, 1, 0.4],
    [MEMBER_OF, 2, 1, 0.7],
  ] as const;
  const { evidence } = resolvePost(extractionOf({ mentions: people, relations }));
  expect(evidence).toMatchObject([{ p: 0.7, factType: MEMBER_OF }]);
});

test('direction counts unless the relation is symmetric', () => {
  const both = [
    [MEMBER_OF, 0, 1],
    [MEMBER_OF, 1, 0],
  ] as const;
  expect(resolvePost(extractionOf({ mentions: people, relations: both })).evidence).toHaveLength(2);
  expect(resolvePost(extractionOf({ mentions: people, relations: both, symmetric: true })).evidence).toHaveLength(1);
});

test('nothing relates to itself', () => {
  expect(resolvePost(extractionOf({ mentions: people, relations: [[MEMBER_OF, 0, 2]] })).evidence).toEqual([]);
});

test('the content hash covers what is stored and no order of lists', () => {
  const hash = (extraction: ReturnType<typeof memberPost>) => resolvePost(extraction).row.contentHash;
  const post = memberPost();
  expect(hash(memberPost())).toBe(hash(post));
  expect(hash({ ...post, mentions: post.mentions.toReversed() })).toBe(hash(post));
  const others = [
    memberPost({ p: 0.7 }),
    memberPost({ words: 'x' }),
    memberPost({ author: 'z' }),
    memberPost({ pictures: ['ok'] }),
  ];
  expect(new Set([post, ...others].map(hash)).size).toBe(5);
});

test('versions lose leading zeros, a deletion keeps none of the content', () => {
  expect(resolvePost(memberPost({ version: '007' })).row.version).toBe('7');
  expect(resolvePost(deletionOf('1', '007'))).toMatchObject({ row: { version: '7', deleted: true }, mentions: [] });
  expect(resolvePost(deletionOf('1')).row.version).toBeNull();
});

test.each([
  ['version', memberPost({ version: '1.5' })],
  ['time', memberPost({ at: 'yesterday' })],
  ['mention', { ...memberPost(), relations: [{ type: MEMBER_OF, head: 0, tail: 9, p: 1 }] }],
])('refuses a record with an impossible %s', (_, extraction) => {
  expect(() => resolvePost(extraction)).toThrow(expect.objectContaining({ code: 'GRAPH_REJECTED', retryable: false }));
});
