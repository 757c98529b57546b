import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlueskyDecoder } from '../../../../src/consumers/formats/bluesky.ts';
import { readBlueskyFacets } from '../../../../src/consumers/formats/bluesky-facets.ts';
import { BLUESKY_POST, changed, decodeFrame } from '../../../helpers/source-frames.ts';

const decode = (frame: unknown) => decodeFrame(new BlueskyDecoder(), frame);

const POST_ID = 'at://did:plc:aaaa/app.bsky.feed.post/3kabc';
const BLOB = { $type: 'blob', ref: { $link: 'bafkreia' }, mimeType: 'image/jpeg', size: 1234 };
const THUMBNAIL = 'https://cdn.bsky.app/img/feed_thumbnail/plain/did:plc:aaaa/bafkreia@jpeg';

function onlyRecord(frame: unknown) {
  const decoded = decode(frame);
  if (!('records' in decoded)) throw new Error(JSON.stringify(decoded));
  expect(decoded.records).toHaveLength(1);
  return decoded.records[0];
}

function withRecord(changes: Readonly<Record<string, unknown>>) {
  const prefixed = Object.entries(changes).map(([path, value]) => [`commit.record.${path}`, value]);
  return changed(BLUESKY_POST, Object.fromEntries(prefixed));
}

test('a post with all its parts', () => {
  expect(decode(BLUESKY_POST)).toEqual({
    cursor: '1767323045000000',
    records: [
      {
        id: POST_ID,
        platform: 'bluesky',
        version: '1767323045000000',
        text: 'Zoë joins #OrbitFC ⚽',
        author: { id: 'did:plc:aaaa' },
        createdAt: '2026-01-02T03:04:05.000Z',
        lang: 'en',
        url: 'https://bsky.app/profile/did:plc:aaaa/post/3kabc',
        images: [THUMBNAIL],
        alt: ['Zoë with a shirt'],
        hashtags: ['OrbitFC'],
        facets: [{ start: 10, end: 18, kind: 'hashtag', value: 'OrbitFC' }],
      },
    ],
  });
});

test('an update is a newer version of the same post', () => {
  const frame = changed(BLUESKY_POST, { time_us: 1767323046000000, 'commit.operation': 'update' });
  expect(onlyRecord(frame)).toMatchObject({ id: POST_ID, version: '1767323046000000' });
});

test('a deletion names its author and acts on versions before it', () => {
  const frame = {
    did: 'did:plc:aaaa',
    time_us: 1767323099000000,
    kind: 'commit',
    commit: { rev: '3k2', operation: 'delete', collection: 'app.bsky.feed.post', rkey: '3kabc' },
  };
  expect(decode(frame)).toEqual({
    cursor: '1767323099000000',
    records: [
      { id: POST_ID, platform: 'bluesky', author: { id: 'did:plc:aaaa' }, version: '1767323099000000', deleted: true },
    ],
  });
});

test('a repost repeats a post and has no words of its own; its deletion is one of a post', () => {
  const uri = 'at://did:plc:zzzz/app.bsky.feed.post/3kroot';
  const commit = {
    operation: 'create',
    collection: 'app.bsky.feed.repost',
    rkey: '3krep',
    record: { $type: 'app.bsky.feed.repost', subject: { uri, cid: 'bafyreic' }, createdAt: '2026-01-02T03:04:05.000Z' },
  };
  const id = 'at://did:plc:aaaa/app.bsky.feed.repost/3krep';
  expect(onlyRecord({ ...BLUESKY_POST, commit })).toMatchObject({ id, text: '', repostOf: uri, images: [] });
  expect(onlyRecord({ ...BLUESKY_POST, commit: { ...commit, operation: 'delete', record: undefined } })).toMatchObject({
    id,
    deleted: true,
  });
  expect(decode({ ...BLUESKY_POST, commit: { ...commit, record: {} } })).toMatchObject({
    rejected: { reason: 'schema' },
  });
});

describe('what a post embeds', () => {
  const quote = { $type: 'app.bsky.embed.record', record: { uri: 'at://did:plc:q/app.bsky.feed.post/3kq', cid: 'x' } };
  const images = { $type: 'app.bsky.embed.images', images: [{ alt: '', image: BLOB }] };

  test.each([
    [
      'a gallery',
      { $type: 'app.bsky.embed.gallery', items: [{ $type: '#image', alt: 'one', image: BLOB }, { $type: '#other' }] },
      { images: [THUMBNAIL], alt: ['one'] },
    ],
    ['a quoted post', quote, { images: [], quoteOf: quote.record.uri }],
    [
      'a quoted post with media',
      { $type: 'app.bsky.embed.recordWithMedia', record: quote, media: images },
      { images: [THUMBNAIL], quoteOf: quote.record.uri },
    ],
    [
      'a list, which is no quote',
      { ...quote, record: { uri: 'at://did:plc:q/app.bsky.graph.list/3kq' } },
      { images: [] },
    ],
    [
      'a link with its picture',
      { $type: 'app.bsky.embed.external', external: { uri: 'https://example.org/a', title: 't', thumb: BLOB } },
      { images: [THUMBNAIL], urls: ['https://example.org/a'] },
    ],
    [
      'a video',
      { $type: 'app.bsky.embed.video', alt: 'a cat', video: BLOB },
      { images: ['https://video.bsky.app/watch/did%3Aplc%3Aaaaa/bafkreia/thumbnail.jpg'], alt: ['a cat'] },
    ],
    [
      'a very wide picture',
      { ...images, images: [{ alt: '', image: BLOB, aspectRatio: { width: 50, height: 10 } }] },
      { images: [THUMBNAIL.replace('thumbnail', 'fullsize')] },
    ],
    [
      'a picture whose name is no name',
      { ...images, images: [{ image: { ...BLOB, ref: { $link: '../../x?y' } } }] },
      { images: [], flags: ['media_missing'] },
    ],
    ['something new', { $type: 'app.bsky.embed.hologram', images: [{ image: BLOB }] }, { images: [] }],
  ])('%s', (_, embed, expected) => {
    const record = onlyRecord(withRecord({ embed }));
    expect(record).toMatchObject(expected);
    expect(Object.hasOwn(record as object, 'quoteOf')).toBe('quoteOf' in expected);
  });
});

test('replies, tags without place, warnings and several languages', () => {
  const frame = withRecord({
    reply: {
      parent: { uri: 'at://did:plc:p/app.bsky.feed.post/3kp' },
      root: { uri: 'at://did:plc:r/app.bsky.feed.post/3kr' },
    },
    tags: ['football'],
    labels: { values: [{ val: 'porn' }] },
    langs: ['de', 'en'],
  });
  const record = onlyRecord(frame);
  expect(record).toMatchObject({
    replyTo: 'at://did:plc:p/app.bsky.feed.post/3kp',
    hashtags: ['OrbitFC', 'football'],
    sensitive: true,
  });
  expect(record).not.toHaveProperty('lang');
});

test('a time of the author that is still to come is replaced by the server’s', () => {
  expect(onlyRecord(withRecord({ createdAt: '2031-01-01T00:00:00Z' }))).toMatchObject({
    createdAt: '2026-01-02T03:04:05.000Z',
    flags: ['bad_created_at'],
  });
  expect(onlyRecord(withRecord({ createdAt: 'yesterday' }))).toMatchObject({ createdAt: '2026-01-02T03:04:05.000Z' });
});

describe('accounts', () => {
  const frame = (account: object) => ({ did: 'did:plc:aaaa', time_us: 1767323199000000, kind: 'account', account });

  test.each([
    [{ active: false, status: 'deleted' }, 'account.deleted'],
    [{ active: false, status: 'takendown' }, 'account.takendown'],
    [{ active: false, status: 'suspended' }, 'account.suspended'],
    [{ active: false, status: 'deactivated' }, 'account.deactivated'],
    [{ active: false, status: 'something new' }, 'account.deactivated'],
    [{ active: false }, 'account.deactivated'],
    [{ active: true }, 'account.active'],
  ])('%j is %s', (account, event) => {
    expect(decode(frame({ ...account, did: 'did:plc:aaaa', seq: 9, time: '2026-01-02T03:06:39Z' }))).toEqual({
      cursor: '1767323199000000',
      records: [{ event, platform: 'bluesky', author: { id: 'did:plc:aaaa' }, at: '2026-01-02T03:06:39.000Z' }],
    });
  });

  test.each(['desynchronized', 'throttled'])('%s is a state of the server', (status) => {
    expect(decode(frame({ active: false, status }))).toEqual({ ignored: 'account_status', cursor: '1767323199000000' });
  });
});

describe('frames that say nothing about posts are ignored by name, and the cursor passes them', () => {
  test.each([
    ['identity', 'identity'],
    ['sync', 'sync'],
    ['hologram', 'unknown_event'],
  ])('%s', (kind, ignored) => {
    expect(decode({ did: 'did:plc:aaaa', time_us: 5, kind })).toEqual({ ignored, cursor: '5' });
  });

  test('another collection', () => {
    expect(decode(changed(BLUESKY_POST, { 'commit.collection': 'app.bsky.feed.like' }))).toEqual({
      ignored: 'other_collection',
      cursor: '1767323045000000',
    });
  });
});

describe('version 2 of Jetstream', () => {
  const { did, commit } = BLUESKY_POST;
  const frame = (kind: string, payload: object) => ({
    $type: 'message',
    payload: {
      $type: `network.bsky.jetstream.subscribeEvents#${kind}`,
      seq: 77,
      did,
      time: '2026-01-02T03:04:05.000007Z',
      ...payload,
    },
  });

  test('a post is the same as in version 1, at its microsecond', () => {
    const [v1] = (decode(changed(BLUESKY_POST, { time_us: 1767323045000007 })) as { records: unknown[] }).records;
    const witnessedAt = '2026-01-02T03:04:05.000007Z';
    expect(decode(frame('commit', { ...commit, witnessedAt }))).toEqual({ records: [v1], cursor: '1767323045000007' });
  });

  test('without a witnessed time its number is the cursor', () => {
    expect(decode(frame('commit', commit))).toMatchObject({ cursor: '77', records: [{ version: '1767323045000007' }] });
  });

  test('accounts, identities, divergence and notices', () => {
    expect(
      decode(frame('account', { account: { active: false, status: 'deleted', time: '2026-01-02T03:06:39Z' } })),
    ).toMatchObject({
      records: [{ event: 'account.deleted' }],
    });
    expect(decode(frame('identity', { identity: {} }))).toMatchObject({ ignored: 'identity' });
    expect(decode(frame('sync', { sync: {} }))).toMatchObject({ ignored: 'sync' });
    expect(decode({ $type: 'message', payload: { $type: 'x#info', name: 'OutdatedCursor' } })).toEqual({
      ignored: 'info',
    });
    expect(decode({ $type: 'error', error: 'ConsumerTooSlow' })).toEqual({ ignored: 'source_error' });
  });
});

test.each([
  ['no DID', changed(BLUESKY_POST, { did: undefined })],
  ['a DID that would leave its path', changed(BLUESKY_POST, { did: 'did:plc:a/../../b' })],
  ['no time', changed(BLUESKY_POST, { time_us: undefined })],
  ['a time that would outrank every true version', changed(BLUESKY_POST, { time_us: 4426600608013585 })],
  ['a key that would leave its path', changed(BLUESKY_POST, { 'commit.rkey': '../x' })],
  ['no record', changed(BLUESKY_POST, { 'commit.record': undefined })],
  ['no text', withRecord({ text: undefined })],
  ['an unknown operation', changed(BLUESKY_POST, { 'commit.operation': 'paint' })],
  ['an account without state', { did: 'did:plc:aaaa', time_us: 5, kind: 'account' }],
])('%s is refused by name', (_, frame) => expect(decode(frame)).toMatchObject({ rejected: { reason: 'schema' } }));

test('a facet covers exactly the characters whose bytes it names, or is left out', () => {
  const piece = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.constantFrom('é', '⚽', '👩‍🚀', 'ß', 'a'));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.nat(40), fc.nat(40), (pieces, a, b) => {
      const text = pieces.join('');
      const [byteStart, byteEnd] = [Math.min(a, b), Math.max(a, b)];
      const feature = { $type: 'app.bsky.richtext.facet#tag', tag: 't' };
      const facets = readBlueskyFacets(text, [{ index: { byteStart, byteEnd }, features: [feature] }]);
      const bytes = Buffer.from(text);
      const whole = (at: number) => at <= bytes.length && ((bytes[at] ?? 0) & 0xc0) !== 0x80;
      if (byteStart < byteEnd && whole(byteStart) && whole(byteEnd)) {
        expect(facets).toHaveLength(1);
        const [facet] = facets;
        expect(text.slice(facet?.start, facet?.end)).toBe(bytes.subarray(byteStart, byteEnd).toString());
      } else expect(facets).toEqual([]);
    }),
    { numRuns: 2000 },
  );
});
