import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clubPosts } from '../helpers/api-clubs.ts';
import { openTestApiOn, type TestApi } from '../helpers/api-server.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

const TRENDING = `query ($window: String, $until: DateTime, $first: Int, $type: String) {
  trending(window: $window, until: $until, first: $first, type: $type) {
    since until entities { entity { name } mentions mentionsBefore score }
  }
}`;

describe.each(graphAdapters())('activity on $name', (adapter) => {
  let api: TestApi;

  beforeAll(async () => {
    api = await openTestApiOn(adapter);
    await api.store.replacePosts(clubPosts());
  });

  afterAll(() => api[Symbol.asyncDispose]());

  test('how posts write an entity and when they mention it', async () => {
    const { data, errors } = await api.query(`{ entity(name: "ben moss") {
    aliases { text count } firstSeen lastSeen
    timeline(bucket: "1m", from: "2026-03-01T12:02:30Z", to: "2026-03-01T12:06:00Z") { start mentions }
  } }`);
    expect(errors).toBeUndefined();
    expect(data.entity).toEqual({
      aliases: [{ text: 'Ben Moss', count: 2 }],
      firstSeen: '2026-03-01T12:03:00.000Z',
      lastSeen: '2026-03-01T12:04:00.000Z',
      timeline: [
        { start: '2026-03-01T12:02:00.000Z', mentions: 0 },
        { start: '2026-03-01T12:03:00.000Z', mentions: 1 },
        { start: '2026-03-01T12:04:00.000Z', mentions: 1 },
        { start: '2026-03-01T12:05:00.000Z', mentions: 0 },
      ],
    });
    const whole = await api.query('{ entity(name: "ben moss") { timeline { mentions } } }');
    expect(whole.data.entity.timeline.length).toBeGreaterThanOrEqual(30);
  });

  test.each([
    'bucket: "1y"',
    'bucket: "30s"',
    'bucket: "9999999999999d"',
    'bucket: "1m"  from: "2020-01-01"',
    'from: "2026-03-02" to: "2026-03-01"',
    'from: "x"',
  ])('a timeline with %s is a bad request', async (args) => {
    const { errors } = await api.query(`{ entity(name: "ben moss") { timeline(${args}) { mentions } } }`);
    expect(errors?.[0]?.extensions.code).toBe('BAD_REQUEST');
  });

  test('entities that are mentioned more than before', async () => {
    const until = '2026-03-01T12:05:00Z';
    const { data, errors } = await api.query(TRENDING, { window: '2m', until, type: 'ORG' });
    expect(errors).toBeUndefined();
    expect(data.trending).toEqual({
      since: '2026-03-01T12:03:00.000Z',
      until: '2026-03-01T12:05:00.000Z',
      entities: [
        { entity: { name: 'Comet AC' }, mentions: 2, mentionsBefore: 0, score: expect.closeTo(Math.SQRT2, 9) },
      ],
    });
    expect((await api.query(TRENDING, { until, first: 1 })).data.trending.entities).toHaveLength(1);
    expect((await api.query(TRENDING, {})).data.trending.entities).toEqual([]);
  });

  test.each([{ window: '1s' }, { window: '366d' }, { window: '' }, { first: 101 }, { until: 'soon' }])(
    'trends of %j are a bad request',
    async (variables) => {
      const { errors } = await api.query(TRENDING, variables);
      expect(errors?.[0]?.extensions.code).toBe('BAD_REQUEST');
    },
  );
});
