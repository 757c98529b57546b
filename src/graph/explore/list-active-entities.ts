import type { Entity } from '../../domain/graph.ts';
import type { GraphReader, Page, PageRequest } from '../graph-reader.ts';
import { listByNews } from './list-by-news.ts';

type Reader = Pick<GraphReader, 'posts' | 'mentionsOfPosts' | 'mentionSpans' | 'entitiesById'>;

/** A page of entities, the one that was mentioned last first: see `listByNews`. */
export async function listActiveEntities(
  reader: Reader,
  { type }: { readonly type?: string },
  page: PageRequest,
): Promise<Page<Entity>> {
  const seen = new Set<string>();
  const { items, ...rest } = await listByNews(reader, 'active entities', page, async (posts) => {
    const mentions = await reader.mentionsOfPosts(posts.map(({ id }) => id));
    const ids = [...new Set(mentions.flat().map(({ entityId }) => entityId))].filter((id) => !seen.has(id));
    for (const id of ids) seen.add(id);
    const [spans, entities] = await Promise.all([reader.mentionSpans(ids), reader.entitiesById(ids)]);
    return ids.flatMap((id, index) => {
      const [span, entity] = [spans[index], entities[index]];
      return span && entity && (type === undefined || entity.type === type)
        ? [{ id, lastMs: span.lastMs, entity }]
        : [];
    });
  });
  return { ...rest, items: items.map(({ node: { entity }, cursor }) => ({ node: entity, cursor })) };
}
