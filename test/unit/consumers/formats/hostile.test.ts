import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlueskyDecoder } from '../../../../src/consumers/formats/bluesky.ts';
import type { DecodedFrame, FrameDecoder } from '../../../../src/consumers/formats/frame.ts';
import { MastodonDecoder } from '../../../../src/consumers/formats/mastodon.ts';
import { decodeNativePost } from '../../../../src/consumers/formats/native.ts';
import { XDecoder } from '../../../../src/consumers/formats/x.ts';
import { BLUESKY_POST, MASTODON_STATUS, ownersInMemory, X_POST } from '../../../helpers/source-frames.ts';

const REASONS = ['decode', 'parse', 'schema', 'source', 'too_large'];
const IGNORED = /^[a-z_]{1,40}$/;

/** Whatever came in: records that the native format accepts as they are, or a name for why there are none. */
function expectNamedOutcome(decoded: DecodedFrame): void {
  if ('rejected' in decoded) expect(REASONS).toContain(decoded.rejected.reason);
  else if ('ignored' in decoded) expect(decoded.ignored).toMatch(IGNORED);
  else {
    for (const record of decoded.records) {
      expect(decodeNativePost(Buffer.from(JSON.stringify(record)))).toEqual({
        record: JSON.parse(JSON.stringify(record)),
      });
    }
  }
}

/** A frame in which some values, at any depth, were replaced by any others. */
function spoilt(frame: unknown): fc.Arbitrary<unknown> {
  const paths: (string | number)[][] = [];
  const walk = (value: unknown, path: (string | number)[]) => {
    if (path.length > 0) paths.push(path);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value)) walk(child, [...path, key]);
  };
  walk(frame, []);
  const odd = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom(
      null,
      '',
      '__proto__',
      'constructor',
      'toString',
      -1,
      1e300,
      2 ** 53,
      '\ud800',
      '9'.repeat(50),
      [[]],
      {},
      true,
    ),
    fc.string({ maxLength: 600 }),
  );
  return fc.array(fc.tuple(fc.constantFrom(...paths), odd), { minLength: 1, maxLength: 4 }).map((changes) => {
    const copy = structuredClone(frame) as Record<string, unknown>;
    for (const [path, value] of changes) {
      let at: unknown = copy;
      for (const name of path.slice(0, -1))
        at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[name] : undefined;
      if (typeof at === 'object' && at !== null)
        (at as Record<string, unknown>)[String(path.at(-1))] = structuredClone(value);
    }
    return copy;
  });
}

const frames: [string, () => FrameDecoder, unknown[]][] = [
  [
    'x',
    () => new XDecoder(ownersInMemory()),
    [
      X_POST,
      { data: { delete: { tweet: { id: '19', author_id: '42' }, event_at: '2026-01-02T04:00:00.000Z' } } },
      { data: { user_withheld: { user: { id: '42' }, withheld_in_countries: ['DE'], event_at: 'x' } } },
      { data: { tweet_edit: { tweet: { id: '19' }, initial_tweet_id: '17', edit_tweet_ids: ['17'], event_at: 'x' } } },
    ],
  ],
  [
    'bluesky',
    () => new BlueskyDecoder(),
    [
      BLUESKY_POST,
      { did: 'did:plc:aaaa', time_us: 5, kind: 'account', account: { active: false, status: 'deleted', time: 'x' } },
      {
        $type: 'message',
        payload: {
          $type: 'a#commit',
          did: 'did:plc:a',
          seq: 1,
          time: '2026-01-02T03:04:05.000007Z',
          ...BLUESKY_POST.commit,
        },
      },
    ],
  ],
  [
    'mastodon',
    () => new MastodonDecoder({ host: 'm.example', owners: ownersInMemory() }),
    [
      MASTODON_STATUS,
      { event: 'delete', payload: '109' },
      { ...MASTODON_STATUS, reblog: MASTODON_STATUS, quote: MASTODON_STATUS },
    ],
  ],
];

describe.each(frames)('%s', (_, createDecoder, samples) => {
  test('any JSON value has a named outcome', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expectNamedOutcome(createDecoder().decode(Buffer.from(JSON.stringify(value))));
      }),
      { numRuns: 500 },
    );
  });

  test('any bytes have a named outcome', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => expectNamedOutcome(createDecoder().decode(bytes))),
      { numRuns: 500 },
    );
  });

  test('any spoilt frame has a named outcome', () => {
    for (const sample of samples) {
      fc.assert(
        fc.property(spoilt(sample), (value) => {
          expectNamedOutcome(createDecoder().decode(Buffer.from(JSON.stringify(value))));
        }),
        { numRuns: 1500 },
      );
    }
  });

  test('half a frame is refused', () => {
    const bytes = Buffer.from(JSON.stringify(samples[0]));
    expect(createDecoder().decode(bytes.subarray(0, bytes.length >> 1))).toMatchObject({
      rejected: { reason: 'parse' },
    });
  });
});
