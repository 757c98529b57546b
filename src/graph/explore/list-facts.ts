import type { Fact } from '../../domain/graph.ts';
import type { FactQuery, GraphReader, Page, PageRequest } from '../graph-reader.ts';
import { MAX_PAGE } from '../page.ts';
import type { FactFilter } from './fact-filter.ts';

/** Facts that are looked through for one page, or to count: a filter may fit none of a million. */
const FACTS_LOOKED_THROUGH = 20_000;

type Reader = Pick<GraphReader, 'facts'>;

/**
 * A page of the facts that a filter holds for, full unless the list ends; only where more than 20,000 facts have to be
 * looked through for it is it shorter, and its `endCursor` goes on after them.
 */
export async function listFacts(
  reader: Reader,
  query: FactQuery,
  page: PageRequest,
  filter: FactFilter,
): Promise<Page<Fact>> {
  const items: Page<Fact>['items'][number][] = [];
  for await (const { found, endCursor } of lookThrough(reader, query, filter, page.after)) {
    for (const item of found) {
      if (items.length === page.first) return { items, hasNextPage: true };
      items.push(item);
    }
    if (endCursor !== undefined) return { items, hasNextPage: true, endCursor };
  }
  return { items, hasNextPage: false };
}

/** Number of facts that a filter holds for, among the newest 20,000 of the query. */
export async function countListed(reader: Reader, query: FactQuery, filter: FactFilter): Promise<number> {
  let count = 0;
  for await (const { found } of lookThrough(reader, query, filter)) count += found.length;
  return count;
}

interface Part {
  readonly found: Page<Fact>['items'];
  /** Where the list goes on, of the last part that is looked through of a longer list. */
  readonly endCursor?: string | undefined;
}

async function* lookThrough(reader: Reader, query: FactQuery, filter: FactFilter, from?: string): AsyncIterable<Part> {
  let after = from;
  for (let looked = 0; ; ) {
    const { items, hasNextPage } = await reader.facts(query, {
      first: MAX_PAGE,
      ...(after !== undefined && { after }),
    });
    const fitting = new Set(await filter.sift(items.map(({ node }) => node)));
    const found = items.filter(({ node }) => fitting.has(node));
    looked += items.length;
    after = items.at(-1)?.cursor;
    const isLast = !hasNextPage || looked >= FACTS_LOOKED_THROUGH;
    yield { found, endCursor: isLast && hasNextPage ? after : undefined };
    if (isLast) return;
  }
}
