import { expect, test } from 'vitest';
import { confidenceBound, connection, pageRequest, pageSize } from '../../../src/api/connections.ts';

test.each([1, 20, 100])('a page of %i items is possible', (first) => {
  expect(pageSize(first)).toBe(first);
});

test.each([0, -1, 101, 2 ** 31 - 1, 1.5, Number.NaN])('a page of %d items is refused, not shortened', (first) => {
  expect(() => pageSize(first)).toThrowError(expect.objectContaining({ code: 'BAD_REQUEST' }));
});

test('without a length the page has 20 items', () => {
  expect(pageRequest({})).toEqual({ first: 20 });
  expect(pageRequest({ first: null, after: null })).toEqual({ first: 20 });
  expect(pageRequest({ first: 3, after: 'x' })).toEqual({ first: 3, after: 'x' });
});

test('a connection has the cursors of its first and last item', () => {
  const items = [
    { node: 'a', cursor: '1' },
    { node: 'b', cursor: '2' },
  ];
  const { edges, pageInfo } = connection({ items, hasNextPage: true }, { after: '0' });
  expect(edges).toEqual(items);
  expect(pageInfo).toEqual({ hasNextPage: true, hasPreviousPage: true, startCursor: '1', endCursor: '2' });
});

test('an empty connection has no cursors', () => {
  const { pageInfo } = connection({ items: [], hasNextPage: false }, {});
  expect(pageInfo).toEqual({
    hasNextPage: false,
    hasPreviousPage: false,
    startCursor: undefined,
    endCursor: undefined,
  });
});

test('a confidence is 0 to 1', () => {
  expect([undefined, null, 0, 1].map(confidenceBound)).toEqual([undefined, undefined, 0, 1]);
  for (const value of [-0.1, 1.1, Number.NaN]) {
    expect(() => confidenceBound(value)).toThrowError(expect.objectContaining({ code: 'BAD_REQUEST' }));
  }
});
