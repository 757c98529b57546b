import { beforeEach, describe, expect, test } from 'vitest';
import { MastodonDecoder } from '../../../../src/consumers/formats/mastodon.ts';
import { changed, decodeFrame, MASTODON_STATUS, ownersInMemory } from '../../../helpers/source-frames.ts';

let decoder: MastodonDecoder;
beforeEach(() => {
  decoder = new MastodonDecoder({ host: 'm.example', owners: ownersInMemory() });
});

const decode = (frame: unknown) => decodeFrame(decoder, frame);
const message = (event: string, payload: unknown) => ({
  stream: ['public'],
  event,
  payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
});

function onlyRecord(status: unknown) {
  const decoded = decode(message('update', status));
  if (!('records' in decoded)) throw new Error(JSON.stringify(decoded));
  expect(decoded.records).toHaveLength(1);
  return decoded.records[0];
}

const POST = {
  id: 'm.example/109',
  platform: 'mastodon',
  version: '1767323045000',
  text: 'Bo Ray in #Oslo',
  author: { id: 'a@m.example', handle: 'a@m.example' },
  createdAt: '2026-01-02T03:04:05.000Z',
  lang: 'en',
  url: 'https://m.example/users/a/statuses/109',
  images: ['https://files.m.example/5s.jpeg'],
  alt: ['harbour'],
  hashtags: ['oslo'],
  facets: [{ start: 10, end: 15, kind: 'hashtag', value: 'oslo' }],
};

test('a status with all its parts', () => {
  expect(decode(message('update', MASTODON_STATUS))).toEqual({ records: [POST], cursor: '109' });
});

test('the same from lines of server-sent events, and from a status by itself', () => {
  const lines = [':thump', 'event: update', `data: ${JSON.stringify(MASTODON_STATUS)}`, ''];
  expect(lines.map(decode)).toEqual([
    { records: [] },
    { records: [] },
    { records: [POST], cursor: '109' },
    { records: [] },
  ]);
  expect(decode(MASTODON_STATUS)).toEqual({ records: [POST] });
});

test('an edit is a newer version and says nothing about how far the stream is', () => {
  const edited = changed(MASTODON_STATUS, {
    edited_at: '2026-01-02T03:09:05.000Z',
    content: '<p>Bo Ray in Bergen</p>',
  });
  const { cursor, ...decoded } = decode(message('status.update', edited));
  expect(decoded).toMatchObject({ records: [{ id: POST.id, version: '1767323345000', text: 'Bo Ray in Bergen' }] });
  expect(cursor).toBeUndefined();
});

describe('a deletion', () => {
  test('names the post of its server, and its author where that was seen', () => {
    expect(decode(message('delete', '109'))).toEqual({
      records: [{ id: 'm.example/109', platform: 'mastodon', deleted: true }],
    });
    onlyRecord(MASTODON_STATUS);
    const gone = { id: 'm.example/109', platform: 'mastodon', author: { id: 'a@m.example' }, deleted: true };
    expect(decode(message('delete', '109'))).toEqual({ records: [gone] });
    expect([decode('event: delete'), decode('data: 109')]).toEqual([{ records: [] }, { records: [gone] }]);
  });

  test('of what can be no status is refused by name', () => {
    expect(decode(message('delete', '../109'))).toMatchObject({ rejected: { reason: 'schema' } });
  });
});

test.each(['unlisted', 'private', 'direct', undefined])('a status that is %s is not public', (visibility) => {
  expect(decode(message('update', changed(MASTODON_STATUS, { visibility })))).toEqual({
    ignored: 'not_public',
    cursor: '109',
  });
});

test('a boost repeats its root: with its words and pictures, by the one who boosts', () => {
  const boost = {
    ...changed(MASTODON_STATUS, { id: '200', content: '', media_attachments: [], uri: 'https://m.example/b/200' }),
    account: { id: '2', acct: 'bo@far.example', display_name: 'Bo' },
    reblog: MASTODON_STATUS,
  };
  expect(onlyRecord(boost)).toMatchObject({
    id: 'm.example/200',
    author: { id: 'bo@far.example', name: 'Bo' },
    text: POST.text,
    images: POST.images,
    repostOf: 'm.example/109',
  });
  const hidden = { ...boost, reblog: changed(MASTODON_STATUS, { visibility: 'private' }) };
  expect(decode(message('update', hidden))).toMatchObject({ ignored: 'not_public' });
});

test('links, tags and mentions stand where the text shows them, behind the warning', () => {
  const content =
    '<p><span class="h-card"><a href="https://far.example/@zoe" class="u-url mention">@<span>zoe</span></a></span> plays ' +
    '<a href="https://m.example/tags/cup" class="mention hashtag" rel="tag">#<span>Cup</span></a><br>at ' +
    '<a href="https://example.org/long/path?q=1"><span class="invisible">https://</span>' +
    '<span class="ellipsis">example.org/long</span><span class="invisible">/path?q=1</span></a> &amp; more</p><p>Bye</p>';
  const status = changed(MASTODON_STATUS, {
    content,
    spoiler_text: 'Football',
    sensitive: true,
    tags: [{ name: 'cup', url: 'https://m.example/tags/cup' }],
    mentions: [{ id: '9', username: 'zoe', url: 'https://far.example/@zoe', acct: 'zoe@far.example' }],
    card: { url: 'https://example.org/card' },
  });
  const text = 'Football\n\n@zoe plays #Cup\nat https://example.org/long/path?q=1 & more\n\nBye';
  const at = (shown: string) => ({ start: text.indexOf(shown), end: text.indexOf(shown) + shown.length });
  const link = 'https://example.org/long/path?q=1';
  expect(onlyRecord(status)).toMatchObject({
    text,
    sensitive: true,
    urls: [link, 'https://example.org/card'],
    hashtags: ['cup'],
    mentions: ['zoe@far.example'],
    facets: [
      { ...at('@zoe'), kind: 'mention', value: 'zoe@far.example' },
      { ...at('#Cup'), kind: 'hashtag', value: 'cup' },
      { ...at(link), kind: 'url', value: link },
    ],
  });
});

test('links that the status does not list are told by their marks', () => {
  const content =
    '<a href="https://far.example/@zoe" class="mention">@zoe</a> <a href="https://far.example/t/x" rel="tag">#Cup</a> <a href="javascript:alert(1)">x</a>';
  expect(onlyRecord(changed(MASTODON_STATUS, { content, tags: [] }))).toMatchObject({
    facets: [
      { start: 0, end: 4, kind: 'mention', value: 'zoe@far.example' },
      { start: 5, end: 9, kind: 'hashtag', value: 'Cup' },
    ],
  });
});

describe('replies and quotes name statuses of the same server', () => {
  test.each([
    [{ state: 'accepted', quoted_status: changed(MASTODON_STATUS, { id: '50' }) }],
    [{ state: 'accepted', quoted_status_id: '50' }],
    [changed(MASTODON_STATUS, { id: '50' })],
  ])('a quote in each of its shapes', (quote) => {
    const content =
      '<p class="quote-inline">RE: <a href="https://m.example/50">https://m.example/50</a></p><p>Well said</p>';
    expect(onlyRecord(changed(MASTODON_STATUS, { quote, content, in_reply_to_id: '40' }))).toMatchObject({
      text: 'Well said',
      replyTo: 'm.example/40',
      quoteOf: 'm.example/50',
    });
  });
});

describe('pictures', () => {
  const pictureOf = (part: object) => {
    const item = { ...MASTODON_STATUS.media_attachments[0], ...part };
    return onlyRecord(changed(MASTODON_STATUS, { media_attachments: [item] }));
  };

  test.each([
    [461, 346, '5s.jpeg'],
    [1200, 190, '5.jpeg'],
  ])('a preview of %s x %s pixels gives %s', (width, height, name) => {
    expect(pictureOf({ meta: { small: { width, height } } })).toMatchObject({
      images: [`https://files.m.example/${name}`],
    });
  });

  test('of a video are its preview; sound has none', () => {
    expect(pictureOf({ type: 'gifv' })).toMatchObject({ images: ['https://files.m.example/5s.jpeg'] });
    expect(pictureOf({ type: 'audio' })).toMatchObject({ images: [] });
    expect(pictureOf({ type: 'image', url: null, preview_url: null })).toMatchObject({
      images: [],
      flags: ['media_missing'],
    });
    expect(pictureOf({ url: null, preview_url: null, remote_url: 'https://far.example/5.jpeg' })).toMatchObject({
      images: ['https://far.example/5.jpeg'],
    });
  });
});

test('other events and errors of the server are ignored by name', () => {
  expect(decode(message('notification', { id: '1' }))).toEqual({ ignored: 'other_event' });
  expect(decode({ event: 'filters_changed' })).toEqual({ ignored: 'other_event' });
  expect(decode({ error: 'Missing access token' })).toEqual({ ignored: 'source_error' });
});

test.each([
  ['a payload that is no JSON', message('update', '{'), 'parse'],
  ['a payload that is no object', message('update', '[]'), 'schema'],
  ['a status without id', message('update', changed(MASTODON_STATUS, { id: undefined })), 'schema'],
  ['a status without account', message('update', changed(MASTODON_STATUS, { account: undefined })), 'schema'],
  ['content that is no text', message('update', changed(MASTODON_STATUS, { content: 5 })), 'schema'],
  ['a line that is nothing', 'hello', 'parse'],
])('%s is refused by name', (_, frame, reason) => expect(decode(frame)).toMatchObject({ rejected: { reason } }));
