import type { Extraction } from '../../src/domain/extraction.ts';

const TYPED = /\[([^\]|]+)\|([A-Z]+)\]/g;

/** What a hand-made extraction holds. */
export interface PostSketch {
  readonly id: string;
  /** Text in which `[Ada Lark|PER]` marks a mention. */
  readonly text: string;
  /** Relations between mentions, by their places in the text from 0. */
  readonly relations?: readonly { type: string; head: number; tail: number; p?: number }[];
  readonly author?: string;
  /** Minutes after a fixed start. */
  readonly minute?: number;
  readonly version?: string;
  readonly pictures?: Extraction['images'];
}

/** An extraction as the model would give it for a marked text. */
export function sketch(post: PostSketch): Extraction {
  let text = '';
  let from = 0;
  const mentions: Extraction['mentions'][number][] = [];
  for (const match of post.text.matchAll(TYPED)) {
    text += post.text.slice(from, match.index);
    const [whole, name = '', type = ''] = match;
    mentions.push({
      id: mentions.length,
      start: text.length,
      end: text.length + name.length,
      text: name,
      type,
      p: 0.9,
    });
    text += name;
    from = match.index + whole.length;
  }
  text += post.text.slice(from);
  const createdAt = new Date(Date.UTC(2026, 2, 1, 12, post.minute ?? 0)).toISOString();
  const { id, author = `author of ${id}`, version = '0', pictures = [], relations = [] } = post;
  return {
    schema: 1,
    post: {
      id,
      platform: 'test',
      text,
      author: { id: author },
      createdAt,
      version,
      images: pictures.map((p) => p.source),
    },
    extractor: { bundle: 'hand', generation: 1 },
    images: pictures,
    mentions,
    relations: relations.map(({ type, head, tail, p = 0.8 }) => ({ type, head, tail, p })),
  };
}

/** The deletion of a post. */
export function deletion(id: string): Extraction {
  const post = { id, platform: 'test', deleted: true } as const;
  return { schema: 1, post, extractor: { bundle: 'hand', generation: 1 }, images: [], mentions: [], relations: [] };
}
