import { expect, test } from 'vitest';
import { eraseWithPictures } from '../../../src/graph/erase-author.ts';

test('pictures go before the rows that tell of them, and those of posts that came meanwhile after', async () => {
  const told: string[] = [];
  const erased = await eraseWithPictures(
    {
      findPictures: async () => ['a', 'b'],
      eraseRows: async () => {
        told.push('rows');
        return { posts: 3, facts: 1, events: 0, pictures: ['b', 'c'] };
      },
    },
    async (pictures) => void told.push(...pictures),
  );
  expect(told).toEqual(['a', 'b', 'rows', 'c']);
  expect(erased).toEqual({ posts: 3, facts: 1, events: 0, pictures: 3 });
});
