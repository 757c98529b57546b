import { expect, test } from 'vitest';
import type { StoredPost } from '../../../../src/domain/graph.ts';
import { decodeCursor, encodeCursor } from '../../../../src/graph/cursor.ts';
import { listByNews, type Spoken } from '../../../../src/graph/explore/list-by-news.ts';
import type { PageRequest } from '../../../../src/graph/graph-reader.ts';

/** A post at a time that speaks of some things. */
interface Said {
  readonly ms: number;
  readonly of: readonly string[];
}

/** Everything that posts speak of, page by page, with the number of pages and of posts that were read. */
async function listAll(said: readonly Said[], first: number) {
  const posts = said
    .map(({ ms, of }, index) => ({ eventMs: ms, id: `post_${index}`, of }))
    .sort((a, b) => b.eventMs - a.eventMs || (a.id < b.id ? -1 : 1));
  let read = 0;
  const reader = {
    async posts({ first: count, after }: PageRequest) {
      const [ms, id] = (decodeCursor('posts', after) ?? [Number.POSITIVE_INFINITY, '']) as [number, string];
      const rest = posts.filter((post) => post.eventMs < ms || (post.eventMs === ms && post.id > id));
      const items = rest.slice(0, count);
      read += items.length;
      const page = items.map((node) => ({ node, cursor: encodeCursor('posts', [node.eventMs, node.id]) }));
      return { items: page as never, hasNextPage: rest.length > count };
    },
  };
  const lastOf = (id: string) => Math.max(...said.filter(({ of }) => of.includes(id)).map(({ ms }) => ms));
  const spokenOfBy = async (some: readonly StoredPost[]): Promise<Spoken[]> =>
    some.flatMap((post) => (post as unknown as Said).of.map((id) => ({ id, lastMs: lastOf(id) })));
  const ids: string[] = [];
  let pages = 0;
  let after: string | undefined;
  for (let more = true; more; pages++) {
    expect(pages).toBeLessThan(said.length + 2);
    const page = await listByNews(reader, 'active entities', { first, ...(after && { after }) }, spokenOfBy);
    expect(page.items.length).toBeLessThanOrEqual(first);
    ids.push(...page.items.map(({ node }) => node.id));
    after = page.endCursor ?? page.items.at(-1)?.cursor;
    more = page.hasNextPage;
  }
  return { ids, pages, read };
}

test('each stands where its newest post is, once, and those of one time by id', async () => {
  const said = [
    { ms: 5, of: ['c', 'b'] },
    { ms: 9, of: ['d'] },
    { ms: 5, of: ['a', 'd'] },
    { ms: 1, of: ['a', 'e'] },
    { ms: 7, of: [] },
  ];
  for (const first of [1, 2, 3, 100]) expect((await listAll(said, first)).ids).toEqual(['d', 'a', 'b', 'c', 'e']);
  expect(await listAll([], 5)).toEqual({ ids: [], pages: 1, read: 0 });
});

test('a page reads few posts where much is spoken of, and is short where little is', async () => {
  const busy = Array.from({ length: 5_000 }, (_, ms) => ({ ms, of: [`e${ms}`] }));
  const { ids, pages, read } = await listAll(busy.slice(0, 500), 50);
  expect([ids.length, pages]).toEqual([500, 10]);
  expect(read).toBeLessThan(500 * 3);
  const quiet = busy.map(({ ms }) => ({ ms, of: ms === 100 ? ['old'] : ms === 4_900 ? ['new'] : [] }));
  const found = await listAll(quiet, 10);
  expect(found).toMatchObject({ ids: ['new', 'old'], pages: 3 });
});

test('it comes to an end although very many posts are of one millisecond', async () => {
  const crowd = Array.from({ length: 6_500 }, () => ({ ms: 7, of: ['same'] }));
  const { ids, pages } = await listAll([...crowd, { ms: 3, of: ['before'] }, { ms: 9, of: ['after'] }], 10);
  expect(new Set(ids)).toEqual(new Set(['after', 'same', 'before']));
  expect(pages).toBeLessThan(6);
});
