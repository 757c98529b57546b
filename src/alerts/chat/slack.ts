import type { WriteAlert } from '../http/http-alert-sink.ts';
import { chatText, shorten } from './chat-text.ts';

/** Longest texts that an incoming webhook of Slack takes, with room for what escaping adds. */
const [MAX_TITLE, MAX_TEXT] = [150, 2_900];

/** An incoming webhook of Slack. Its blocks are plain text, in which nothing calls anybody or is a link. */
export const slackMessage: WriteAlert = (message) => {
  const { title, text, evidence } = chatText(message);
  const plain = (value: string, length: number) => ({ type: 'plain_text', text: shorten(value, length), emoji: false });
  const blocks = [
    { type: 'header', text: plain(title, MAX_TITLE) },
    { type: 'section', text: plain(text || title, MAX_TEXT) },
    ...evidence.map(({ text: said, url }) => ({
      type: 'context',
      elements: [
        plain(said, MAX_TEXT),
        ...(url === undefined ? [] : [{ type: 'mrkdwn', text: `<${url.replaceAll('&', '&amp;')}|post>` }]),
      ],
    })),
  ];
  const fallback = shorten(escapeSigns(`${title}: ${text}`), MAX_TEXT);
  return { headers: {}, body: JSON.stringify({ text: fallback, blocks }) };
};

/** The three signs with which markup begins. */
function escapeSigns(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
