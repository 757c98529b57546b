import type { DecodedFrame, FrameDecoder } from '../../src/consumers/formats/frame.ts';
import type { PostOwner, PostOwners } from '../../src/consumers/formats/post-owners.ts';

/** Owners that are never forgotten. */
export function ownersInMemory(): PostOwners {
  const owners = new Map<string, PostOwner>();
  return { remember: (id, owner) => void owners.set(id, owner), find: (id) => owners.get(id) };
}

/** Decodes a frame given as text or as a value. */
export function decodeFrame(decoder: FrameDecoder, frame: unknown): DecodedFrame {
  return decoder.decode(Buffer.from(typeof frame === 'string' ? frame : JSON.stringify(frame)));
}

/** A copy with values changed at paths such as `data.lang`; undefined removes. */
export function changed<T>(frame: T, changes: Readonly<Record<string, unknown>>): T {
  const copy = structuredClone(frame);
  for (const [path, value] of Object.entries(changes)) {
    const names = path.split('.');
    const last = names.pop() as string;
    let at = copy as Record<string, unknown>;
    for (const name of names) at = at[name] as Record<string, unknown>;
    if (value === undefined) delete at[last];
    else at[last] = value;
  }
  return copy;
}

/** A post of X as its filtered stream sends it. */
export const X_POST = {
  data: {
    id: '1900000000000000001',
    text: '@ada opens #lab in Lindfield https://t.co/a1',
    author_id: '42',
    created_at: '2026-01-02T03:04:05.000Z',
    lang: 'en',
    edit_history_tweet_ids: ['1900000000000000001'],
    attachments: { media_keys: ['3_77'] },
    entities: {
      hashtags: [{ start: 11, end: 15, tag: 'lab' }],
      urls: [{ start: 29, end: 44, url: 'https://t.co/a1', expanded_url: 'https://example.org/lab' }],
      mentions: [{ start: 0, end: 4, username: 'ada', id: '7' }],
    },
    referenced_tweets: [{ type: 'quoted', id: '18' }],
  },
  includes: {
    media: [
      {
        media_key: '3_77',
        type: 'photo',
        url: 'https://pbs.twimg.com/media/AAAA.jpg',
        alt_text: 'A woman cutting a ribbon',
        width: 800,
        height: 600,
      },
    ],
    users: [{ id: '42', username: 'newsdesk', name: 'News Desk' }],
  },
  matching_rules: [{ id: '1', tag: 'labs' }],
};

/** A post of Bluesky as version 1 of Jetstream sends it. */
export const BLUESKY_POST = {
  did: 'did:plc:aaaa',
  time_us: 1767323045000000,
  kind: 'commit',
  commit: {
    rev: '3k1',
    operation: 'create',
    collection: 'app.bsky.feed.post',
    rkey: '3kabc',
    record: {
      $type: 'app.bsky.feed.post',
      createdAt: '2026-01-02T03:04:05.000Z',
      langs: ['en'],
      text: 'Zoë joins #OrbitFC ⚽',
      facets: [
        {
          index: { byteStart: 11, byteEnd: 19 },
          features: [{ $type: 'app.bsky.richtext.facet#tag', tag: 'OrbitFC' }],
        },
      ],
      embed: {
        $type: 'app.bsky.embed.images',
        images: [
          {
            alt: 'Zoë with a shirt',
            aspectRatio: { width: 4, height: 3 },
            image: { $type: 'blob', ref: { $link: 'bafkreia' }, mimeType: 'image/jpeg', size: 1234 },
          },
        ],
      },
    },
    cid: 'bafyreib',
  },
};

/** A status of Mastodon as its stream sends it. */
export const MASTODON_STATUS = {
  id: '109',
  uri: 'https://m.example/users/a/statuses/109',
  created_at: '2026-01-02T03:04:05.000Z',
  in_reply_to_id: null as string | null,
  sensitive: false,
  visibility: 'public',
  language: 'en',
  edited_at: null as string | null,
  content: '<p>Bo Ray in <a href="https://m.example/tags/Oslo">#Oslo</a></p>',
  account: { id: '1', acct: 'a', bot: false },
  media_attachments: [
    {
      id: '5',
      type: 'image',
      url: 'https://files.m.example/5.jpeg',
      preview_url: 'https://files.m.example/5s.jpeg',
      remote_url: null,
      description: 'harbour',
    },
  ],
  mentions: [],
  tags: [{ name: 'oslo', url: 'https://m.example/tags/oslo' }],
  reblog: null,
  quote: null,
  card: null,
};
