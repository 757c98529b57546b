import type { Fact } from '../../domain/graph.ts';
import type { FactConditions } from '../fact-look.ts';
import type { GraphReader, Page, PageRequest } from '../graph-reader.ts';
import type { FactFilter } from './fact-filter.ts';
import { listByNews } from './list-by-news.ts';

type Reader = Pick<GraphReader, 'posts' | 'factsOfPosts'>;

/** A page of facts, the one that a post stated last first: see `listByNews`. */
export async function listRestatedFacts(
  reader: Reader,
  { type, minConfidence = 0 }: FactConditions,
  page: PageRequest,
  filter: FactFilter | undefined,
): Promise<Page<Fact>> {
  const seen = new Set<string>();
  const { items, ...rest } = await listByNews(reader, 'facts by last seen', page, async (posts) => {
    const stated = (await reader.factsOfPosts(posts.map(({ id }) => id))).flat();
    const facts = stated.filter(({ id, ...fact }) => {
      const isNew = !seen.has(id);
      seen.add(id);
      return isNew && (type === undefined || fact.type === type) && fact.confidence >= minConfidence;
    });
    const fitting = filter ? await filter.sift(facts) : facts;
    return fitting.map((fact) => ({ id: fact.id, lastMs: fact.lastSeenMs, fact }));
  });
  return { ...rest, items: items.map(({ node: { fact }, cursor }) => ({ node: fact, cursor })) };
}
