import { beforeEach, describe, expect, test } from 'vitest';
import { XDecoder } from '../../../../src/consumers/formats/x.ts';
import { changed, decodeFrame, ownersInMemory, X_POST } from '../../../helpers/source-frames.ts';

let decoder: XDecoder;
beforeEach(() => {
  decoder = new XDecoder(ownersInMemory());
});

const decode = (frame: unknown) => decodeFrame(decoder, frame);

function onlyRecord(frame: unknown) {
  const decoded = decode(frame);
  if (!('records' in decoded)) throw new Error(JSON.stringify(decoded));
  expect(decoded.records).toHaveLength(1);
  return decoded.records[0];
}

test('a post with all its parts', () => {
  expect(decode(X_POST)).toEqual({
    records: [
      {
        id: '1900000000000000001',
        platform: 'x',
        version: '0',
        text: '@ada opens #lab in Lindfield https://t.co/a1',
        author: { id: '42', handle: 'newsdesk', name: 'News Desk' },
        createdAt: '2026-01-02T03:04:05.000Z',
        lang: 'en',
        url: 'https://x.com/newsdesk/status/1900000000000000001',
        quoteOf: '18',
        images: ['https://pbs.twimg.com/media/AAAA.jpg?name=small'],
        alt: ['A woman cutting a ribbon'],
        urls: ['https://example.org/lab'],
        hashtags: ['lab'],
        mentions: ['ada'],
        facets: [
          { start: 0, end: 4, kind: 'mention', value: 'ada' },
          { start: 11, end: 15, kind: 'hashtag', value: 'lab' },
          { start: 29, end: 44, kind: 'url', value: 'https://example.org/lab' },
        ],
      },
    ],
  });
});

test('a long post has its whole text, with the places of that text', () => {
  const text = 'A long one & more: @ada';
  const note = {
    text: 'A long one &amp; more: @ada',
    entities: { mentions: [{ start: 23, end: 27, username: 'ada', id: '7' }] },
  };
  expect(onlyRecord(changed(X_POST, { 'data.note_tweet': note }))).toMatchObject({
    text,
    facets: [{ start: text.indexOf('@ada'), end: text.length, kind: 'mention', value: 'ada' }],
  });
});

test('places count characters, not code units, and escapes are undone', () => {
  const frame = changed(X_POST, {
    'data.text': '😀 AT&amp;T &lt;3 #lab',
    'data.entities': { hashtags: [{ start: 16, end: 20, tag: 'lab' }], mentions: [{ start: 0, username: 'gone' }] },
  });
  expect(onlyRecord(frame)).toMatchObject({
    text: '😀 AT&T <3 #lab',
    facets: [{ start: 11, end: 15, kind: 'hashtag', value: 'lab' }],
    mentions: ['gone'],
  });
});

describe('edits', () => {
  const history = ['1900000000000000001', '1900000000000000009'];
  const edited = changed(X_POST, { 'data.id': history[1], 'data.edit_history_tweet_ids': history });

  test('an edit is the next version of the first id', () => {
    expect(onlyRecord(edited)).toMatchObject({ id: history[0], version: '1' });
  });

  test('a deletion of a later id deletes the post, by the author it is known to have', () => {
    decode(edited);
    expect(
      onlyRecord({ data: { delete: { tweet: { id: history[1] }, event_at: '2026-01-02T04:00:00.000Z' } } }),
    ).toEqual({
      id: history[0],
      platform: 'x',
      author: { id: '42' },
      deleted: true,
    });
  });
});

describe('reposts and replies', () => {
  const repost = changed(X_POST, {
    'data.text': 'RT @zoe: A long story that is cut he…',
    'data.entities': {},
    'data.attachments': undefined,
    'data.referenced_tweets': [{ type: 'retweeted', id: '77' }],
  });
  const original = {
    id: '77',
    text: 'A long story that is cut here no more',
    author_id: '9',
    attachments: { media_keys: ['3_77'] },
    edit_history_tweet_ids: ['70', '77'],
  };

  test('a repost has the whole text and the pictures of its root, and names its first version', () => {
    expect(onlyRecord(changed(repost, { 'includes.tweets': [original] }))).toMatchObject({
      id: '1900000000000000001',
      author: { id: '42' },
      text: original.text,
      images: ['https://pbs.twimg.com/media/AAAA.jpg?name=small'],
      repostOf: '70',
    });
  });

  test('a repost whose root is not there keeps its cut text and says so', () => {
    expect(onlyRecord(repost)).toMatchObject({ repostOf: '77', flags: ['repost_cut'], images: [] });
  });

  test('a reply names what it answers', () => {
    expect(onlyRecord(changed(X_POST, { 'data.referenced_tweets': [{ type: 'replied_to', id: '5' }] }))).toMatchObject({
      replyTo: '5',
    });
  });
});

describe('pictures', () => {
  const media = (part: object) =>
    changed(X_POST, { 'includes.media': [{ media_key: '3_77', type: 'photo', ...part }] });

  test.each([
    [800, 600, 'small'],
    [4000, 1000, 'medium'],
    [8000, 1000, 'large'],
    [90, 60, 'small'],
    [undefined, undefined, 'small'],
  ])('of %s x %s pixels are asked for as %s', (width, height, name) => {
    expect(onlyRecord(media({ url: 'https://pbs.twimg.com/media/B.jpg?format=jpg', width, height }))).toMatchObject({
      images: [`https://pbs.twimg.com/media/B.jpg?format=jpg&name=${name}`],
    });
  });

  test('of a video are its still, and addresses elsewhere stay as they are', () => {
    expect(onlyRecord(media({ type: 'video', preview_image_url: 'https://cdn.example/s.jpg' }))).toMatchObject({
      images: ['https://cdn.example/s.jpg'],
    });
  });

  test('that the frame does not bring along are missing by name', () => {
    const frame = { ...changed(X_POST, { includes: {} }), errors: [{ title: 'Not Found Error', resource_id: '3_77' }] };
    expect(onlyRecord(frame)).toMatchObject({ images: [], flags: ['media_missing'], author: { id: '42' } });
  });
});

test('sensitive posts say so, and one withheld in countries brings that along as an event', () => {
  const frame = changed(X_POST, {
    'data.possibly_sensitive': true,
    'data.withheld': { copyright: false, country_codes: ['DE', 'FR'] },
  });
  expect(decode(frame)).toMatchObject({
    records: [
      { id: '1900000000000000001', sensitive: true },
      { event: 'post.withheld', id: '1900000000000000001', countries: ['DE', 'FR'] },
    ],
  });
});

describe('compliance events', () => {
  const at = '2026-01-02T04:00:00.000Z';
  const tweet = { id: '19', author_id: '42' };
  const post = { platform: 'x', id: '19', author: { id: '42' } };
  const account = { platform: 'x', author: { id: '42' }, at };

  test.each([
    ['delete', { tweet, event_at: at }, { ...post, deleted: true }],
    ['delete', { tweet, event_at: at, quote_tweet_id: '20' }, { ...post, deleted: true }],
    [
      'tweet_edit',
      { tweet, initial_tweet_id: '17', edit_tweet_ids: ['17', '18', '19'], event_at: at },
      { ...post, event: 'post.edited', id: '17', version: '2', at },
    ],
    [
      'withheld',
      { tweet, withheld_in_countries: ['DE'], event_at: at },
      { ...post, event: 'post.withheld', countries: ['DE'], at },
    ],
    ['drop', { tweet, event_at: at }, { ...post, event: 'post.dropped', at }],
    ['undrop', { tweet, event_at: at }, { ...post, event: 'post.undropped', at }],
    ['user_delete', { user: { id: '42' }, event_at: at }, { event: 'account.deleted', ...account }],
    ['user_undelete', { user: { id: '42' }, event_at: at }, { event: 'account.undeleted', ...account }],
    ['user_protect', { user: { id: '42' }, event_at: at }, { event: 'account.protected', ...account }],
    ['user_unprotect', { user: { id: '42' }, event_at: at }, { event: 'account.unprotected', ...account }],
    ['user_suspend', { user: { id: '42' }, event_at: at }, { event: 'account.suspended', ...account }],
    ['user_unsuspend', { user: { id: '42' }, event_at: at }, { event: 'account.unsuspended', ...account }],
    [
      'user_withheld',
      { user: { id: '42' }, withheld_in_countries: ['DE'], event_at: at },
      { event: 'account.withheld', ...account, countries: ['DE'] },
    ],
  ])('%s', (name, event, expected) => expect(onlyRecord({ data: { [name]: event } })).toEqual(expected));

  test.each([
    ['user_profile_modification', 'profile_modification'],
    ['scrub_geo', 'scrub_geo'],
  ])('%s changes nothing that may be shown', (name, ignored) => {
    expect(decode({ data: { [name]: { user: { id: '42' }, event_at: at } } })).toEqual({ ignored });
  });
});

test('keep-alives are nothing, and what is wrong with the stream is ignored by name', () => {
  expect(decode('\r\n')).toEqual({ records: [] });
  expect(decode('')).toEqual({ records: [] });
  expect(
    decode({ errors: [{ title: 'operational-disconnect', disconnect_type: 'UpstreamOperationalDisconnect' }] }),
  ).toEqual({
    ignored: 'source_error',
  });
});

test.each([
  ['no data', { includes: {} }],
  ['no id', changed(X_POST, { 'data.id': undefined })],
  ['a numeric id', changed(X_POST, { 'data.id': 19 })],
  ['no author', changed(X_POST, { 'data.author_id': undefined })],
  ['no text', changed(X_POST, { 'data.text': undefined })],
  ['an account event without account', { data: { user_delete: { event_at: 'now' } } }],
  ['a deletion without post', { data: { delete: { event_at: 'now' } } }],
])('%s is refused by name', (_, frame) => expect(decode(frame)).toMatchObject({ rejected: { reason: 'schema' } }));
