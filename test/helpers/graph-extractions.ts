import type { Extraction, Mention } from '../../src/domain/extraction.ts';
import type { ImageOutcome } from '../../src/domain/image.ts';
import type { Post } from '../../src/domain/post.ts';
import type { AccountEvent, PostEvent } from '../../src/domain/source-event.ts';

/** What a test post says; everything has a default. */
export interface PostSketch {
  readonly id?: string;
  readonly version?: string;
  readonly generation?: number;
  readonly author?: string;
  readonly at?: string;
  /** Words around the mentions; they make the text, and with it the source, the post's own. */
  readonly words?: string;
  /** `[text, type]` of each mention. */
  readonly mentions?: readonly (readonly [string, string])[];
  /** `[type, head, tail, p]` of each relation, by index of the mentions. */
  readonly relations?: readonly (readonly [string, number, number, number?])[];
  readonly symmetric?: boolean;
  readonly repostOf?: string;
  readonly pictures?: readonly ImageOutcome[];
}

/** Relation between a person and an organisation used by most tests. */
export const MEMBER_OF = '/per/org/member_of';

/** An extraction whose text is the words followed by the mentions. */
export function extractionOf(sketch: PostSketch = {}): Extraction {
  const { id = '1', version = '0', generation = 1, author = 'a', at = '2026-01-01T00:00:00.000Z' } = sketch;
  let text = sketch.words ?? `post ${id} says about`;
  const mentions: Mention[] = (sketch.mentions ?? []).map(([name, type], index) => {
    text += ' ';
    const start = text.length;
    text += name;
    return { id: index, start, end: text.length, text: name, type, p: 0.9 };
  });
  const post: Post = {
    id,
    platform: 'native',
    text,
    author: { id: author, handle: `@${author}` },
    createdAt: at,
    version,
    images: [],
    ...(sketch.repostOf === undefined ? {} : { repostOf: sketch.repostOf }),
  };
  return {
    schema: 1,
    post,
    extractor: { bundle: 'test', generation },
    images: (sketch.pictures ?? []).map((outcome, index) => ({ source: `${index}.jpg`, outcome })),
    mentions,
    relations: (sketch.relations ?? []).map(([type, head, tail, p = 0.8]) => ({
      type,
      head,
      tail,
      p,
      ...(sketch.symmetric ? { symmetric: true as const } : {}),
    })),
  };
}

/** A post that says "person is a member of organisation". */
export function memberPost(
  sketch: PostSketch & { person?: string; organisation?: string; p?: number } = {},
): Extraction {
  const { person = 'Ada Lind', organisation = 'Harbour Robotics', p = 0.8, ...rest } = sketch;
  return extractionOf({
    mentions: [
      [person, 'PER'],
      [organisation, 'ORG'],
    ],
    relations: [[MEMBER_OF, 0, 1, p]],
    ...rest,
  });
}

/** An event about a test account. */
export function accountEvent(
  author: string,
  event: AccountEvent['event'],
  at: string,
  countries?: readonly string[],
): Extraction {
  const post = { event, platform: 'native', author: { id: author }, at, ...(countries ? { countries } : {}) };
  return { ...deletionOf('none'), post, skipped: 'event' };
}

/** An event about a test post. */
export function postEvent(
  id: string,
  event: PostEvent['event'],
  at: string,
  more: Pick<PostEvent, 'countries' | 'version'> = {},
): Extraction {
  return { ...deletionOf('none'), post: { event, platform: 'native', id, at, ...more }, skipped: 'event' };
}

/** A deletion of a test post. */
export function deletionOf(id: string, version?: string): Extraction {
  return {
    schema: 1,
    post: { id, platform: 'native', deleted: true, ...(version === undefined ? {} : { version }) },
    extractor: { bundle: 'test', generation: 1 },
    images: [],
    mentions: [],
    relations: [],
    skipped: 'deleted',
  };
}
