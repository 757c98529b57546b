import type { WriteAlert } from '../http/http-alert-sink.ts';
import { chatText, shorten } from './chat-text.ts';

/** Longest texts that a webhook of Discord takes; all of an embed together may be 6,000. */
const [MAX_TITLE, MAX_TEXT, MAX_FIELD] = [250, 1_500, 700];

/** A webhook of Discord. Nobody is called by what posts say, and markup of theirs is only signs. */
export const discordMessage: WriteAlert = (message) => {
  const { title, text, evidence } = chatText(message);
  const fields = evidence.map(({ text: said, url }) => {
    const post = shorten(escapeMarkdown(said), MAX_FIELD);
    const link = url === undefined || url.length > 300 ? '' : `\n[post](${url})`;
    return { name: 'evidence', value: `${post}${link}` };
  });
  const embed = {
    title: shorten(escapeMarkdown(title), MAX_TITLE),
    description: shorten(escapeMarkdown(text), MAX_TEXT),
    fields,
  };
  return { headers: {}, body: JSON.stringify({ embeds: [embed], allowed_mentions: { parse: [] } }) };
};

function escapeMarkdown(text: string): string {
  return text.replace(/[\\*_~`|<>[\]()#@]/g, '\\$&');
}
