import { describe, expect, test } from 'vitest';
import type { AlertMessage } from '../../../src/alerts/alert-sink.ts';
import { chatText } from '../../../src/alerts/chat/chat-text.ts';
import { discordMessage } from '../../../src/alerts/chat/discord.ts';
import { slackMessage } from '../../../src/alerts/chat/slack.ts';
import { plainJson } from '../../../src/alerts/http/write-json.ts';

const alertOf = (said: string, url?: string): AlertMessage => ({
  id: 'alr_1',
  type: 'alert.fired',
  atMs: Date.UTC(2026, 0, 2),
  data: {
    rule: 'New links',
    severity: 'critical',
    text: `${said} —peer→ Bo`,
    facts: [{ evidence: [{ author: '@ada', text: said, ...(url !== undefined && { url }) }] }],
  },
});
const HOSTILE = 'hi <!channel> <https://evil.example|click> [x](https://evil.example) @everyone <@1> ||a|| `b` **c**';
const bodyOf = (write: typeof slackMessage, message: AlertMessage) => JSON.parse(write(message, 0).body);

test('an alert about entities shows the posts that brought them', () => {
  const data = { facts: [], entities: [{ name: 'Bo', evidence: [{ author: '@ada', text: 'Bo is here' }] }] };
  expect(chatText({ ...alertOf('Ada'), data }).evidence).toEqual([{ text: '@ada: Bo is here', url: undefined }]);
});

describe('Slack', () => {
  test('is told in plain text, with a link to the post', () => {
    expect(bodyOf(slackMessage, alertOf('Ada', 'https://x.com/1?a=1&b=2'))).toEqual({
      text: 'critical: New links: Ada —peer→ Bo',
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: 'critical: New links', emoji: false } },
        { type: 'section', text: { type: 'plain_text', text: 'Ada —peer→ Bo', emoji: false } },
        {
          type: 'context',
          elements: [
            { type: 'plain_text', text: '@ada: Ada', emoji: false },
            { type: 'mrkdwn', text: '<https://x.com/1?a=1&amp;b=2|post>' },
          ],
        },
      ],
    });
  });

  test('reads nothing of a post as markup', () => {
    const { text, blocks } = bodyOf(slackMessage, alertOf(HOSTILE, 'javascript:alert(1)'));
    expect(text).not.toMatch(/[<>]/);
    expect(JSON.stringify(blocks)).not.toContain('mrkdwn');
  });

  test('is told no more than it takes', () => {
    const { text, blocks } = bodyOf(slackMessage, alertOf('😀'.repeat(5_000)));
    const texts = [text, ...blocks.flatMap((block: never) => Object.values(block))].map((value) =>
      JSON.stringify(value),
    );
    expect(Math.max(...texts.map(({ length }) => length))).toBeLessThan(3_200);
    expect(blocks[1].text.text.isWellFormed?.() ?? true).toBe(true);
  });
});

describe('Discord', () => {
  test('is told in an embed, with a link to the post', () => {
    expect(bodyOf(discordMessage, alertOf('Ada', 'https://x.com/1'))).toEqual({
      embeds: [
        {
          title: 'critical: New links',
          description: 'Ada —peer→ Bo',
          fields: [{ name: 'evidence', value: '\\@ada: Ada\n[post](https://x.com/1)' }],
        },
      ],
      allowed_mentions: { parse: [] },
    });
  });

  test('calls nobody and reads nothing of a post as markup', () => {
    const { embeds, allowed_mentions } = bodyOf(discordMessage, alertOf(HOSTILE, 'https://x.com/1) [y](https://z'));
    expect(allowed_mentions).toEqual({ parse: [] });
    const [{ description, fields }] = embeds;
    for (const text of [description, fields[0].value])
      expect(text.replaceAll(/\\./g, '')).not.toMatch(/[*_`|<>[\]()@]/);
  });

  test('is told no more than it takes', () => {
    const { embeds } = bodyOf(discordMessage, alertOf('*'.repeat(9_000)));
    expect(JSON.stringify(embeds[0]).length).toBeLessThan(6_000);
    expect(embeds[0].fields[0].value.length).toBeLessThanOrEqual(1_024);
  });
});

test('a message without a signature has its id in the body, and a token where there is one', () => {
  const { headers, body } = plainJson('t0ken')(alertOf('Ada'), 0);
  expect(headers).toEqual({ authorization: 'Bearer t0ken' });
  expect(JSON.parse(body)).toMatchObject({ id: 'alr_1', type: 'alert.fired', timestamp: '2026-01-02T00:00:00.000Z' });
  expect(plainJson(undefined)(alertOf('Ada'), 0).headers).toEqual({});
});
