import { expect, test } from 'vitest';
import { postNodeId } from '../../../src/domain/ids.ts';
import { postOfSourceKey, sourceKey } from '../../../src/graph/resolve/source-key.ts';

const keyOf = (text: string, id = '1', repostOf?: string) =>
  sourceKey({ platform: 'x', id, text, ...(repostOf === undefined ? {} : { repostOf }) });

test('copies share a key whatever their links, handles, case and punctuation', () => {
  const original = keyOf('Harbour opens a second plant in Bergen');
  const copies = [
    'RT @news: Harbour opens a second plant in Bergen',
    'HARBOUR opens a second plant, in Bergen!!! https://t.co/abc',
    '@friend Harbour opens a “second” plant in Bergen www.example.org/x',
    'Harbour opens a second plant in Bergen @harbour@social.example',
  ];
  expect(copies.map((text) => keyOf(text, 'other'))).toEqual(copies.map(() => original));
  expect(keyOf('Harbour opens a third plant in Bergen')).not.toBe(original);
});

test('a repost has the key of its root post', () => {
  expect(keyOf('anything at all that is long enough', '2', '1')).toBe(`post:${postNodeId('x', '1')}`);
  expect(postOfSourceKey(keyOf('', '2', '1'))).toBe(postNodeId('x', '1'));
});

test('a text of fewer than five words stands for its post only', () => {
  expect(keyOf('so it is then', '1')).toBe(`post:${postNodeId('x', '1')}`);
  expect(keyOf('so it is then https://example.org/a', '2')).toBe(`post:${postNodeId('x', '2')}`);
  expect(postOfSourceKey(keyOf('now it is five words'))).toBeUndefined();
});
