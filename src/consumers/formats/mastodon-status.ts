import type { Facet } from '../../domain/post.ts';
import type { FrameContent } from './frame.ts';
import { type HtmlLink, htmlToText, MAX_HTML_UNITS } from './html-text.ts';
import { readMastodonPictures } from './mastodon-pictures.ts';
import { linkFields, pictureFields } from './post-parts.ts';
import { reject } from './rejected.ts';
import { type JsonObject, listAt, objectAt, textAt, valueAt } from './values.ts';

const STATUS_ID = /^[A-Za-z0-9_-]{1,64}$/;
/** What a quote shows where quotes are not known; the quoted post is named apart. */
const QUOTE_FALLBACK = new Set(['quote-inline', 'reference-link-inline']);

/** True for what can be the id of a status on its server. */
export function isStatusId(id: string): boolean {
  return STATUS_ID.test(id);
}

/** A status as an unchecked record of the native format; statuses that are not public are ignored. */
export function readStatus(status: JsonObject, host: string): { readonly raw: JsonObject } | FrameContent {
  const id = textAt(status, 'id');
  if (!id || !isStatusId(id)) return reject('schema', 'reading a status of Mastodon: field id: expected its id');
  const boosted = objectAt(status, 'reblog');
  const content = boosted ?? status;
  if (textAt(status, 'visibility') !== 'public' || textAt(content, 'visibility') !== 'public') {
    return { ignored: 'not_public' };
  }
  const local = (value: unknown) => (typeof value === 'string' && isStatusId(value) ? `${host}/${value}` : undefined);
  const acct = fullName(textAt(status, 'account', 'acct'), host);
  const pictures = readMastodonPictures(content);
  const { text, facets, cut } = readText(content, host);
  const flags = [...(cut ? ['text_truncated'] : []), ...(pictures.missing ? ['media_missing'] : [])];
  const raw = {
    platform: 'mastodon',
    id: `${host}/${id}`,
    text,
    author: acct && { id: acct, handle: acct, name: textAt(status, 'account', 'display_name') },
    createdAt: valueAt(status, 'created_at'),
    version: versionOf(status, boosted),
    lang: textAt(content, 'language'),
    url: textAt(status, 'url') ?? textAt(status, 'uri'),
    repostOf: boosted && (local(valueAt(boosted, 'id')) ?? ''),
    replyTo: local(valueAt(status, 'in_reply_to_id')),
    quoteOf: local(quotedId(valueAt(content, 'quote'))),
    sensitive: valueAt(content, 'sensitive') === true ? true : undefined,
    flags: flags.length > 0 ? flags : undefined,
    ...pictureFields(pictures.pictures),
    ...linkFields(facets, {
      urls: [textAt(content, 'card', 'url')],
      hashtags: listAt(content, 200, 'tags').map((tag) => textAt(tag, 'name')),
      mentions: listAt(content, 200, 'mentions').map((mention) => fullName(textAt(mention, 'acct'), host)),
    }),
  };
  return { raw };
}

/** The warning of a status, where it has one, and its words, with links, tags and mentions in their places. */
function readText(status: JsonObject, host: string): { text: string | undefined; facets: Facet[]; cut: boolean } {
  const html = valueAt(status, 'content');
  // What is no text must be refused, not read as empty.
  if (typeof html !== 'string') return { text: undefined, facets: [], cut: false };
  const hasQuote = objectAt(status, 'quote') !== undefined;
  const body = htmlToText(html, hasQuote ? QUOTE_FALLBACK : undefined);
  const warning = (textAt(status, 'spoiler_text') ?? '').trim();
  const lead = warning === '' ? '' : `${warning}\n\n`;
  const known = knownLinks(status, host);
  const facets = body.links.flatMap((link): Facet[] => {
    const meant = meaningOf(link, body.text.slice(link.start, link.end), known);
    return meant ? [{ start: link.start + lead.length, end: link.end + lead.length, ...meant }] : [];
  });
  return { text: (lead + body.text).trimEnd(), facets, cut: html.length > MAX_HTML_UNITS };
}

/** Accounts and tags that the status lists, by their address; tags also by how a text shows them. */
function knownLinks(status: JsonObject, host: string): ReadonlyMap<string, Pick<Facet, 'kind' | 'value'>> {
  const known = new Map<string, Pick<Facet, 'kind' | 'value'>>();
  for (const tag of listAt(status, 200, 'tags')) {
    const [url, value] = [textAt(tag, 'url'), textAt(tag, 'name')];
    if (value) for (const key of [url, `#${value.toLowerCase()}`]) if (key) known.set(key, { kind: 'hashtag', value });
  }
  for (const mention of listAt(status, 200, 'mentions')) {
    const [url, value] = [textAt(mention, 'url'), fullName(textAt(mention, 'acct'), host)];
    if (url && value) known.set(url, { kind: 'mention', value });
  }
  return known;
}

function meaningOf(
  { href, marks }: HtmlLink,
  shown: string,
  known: ReadonlyMap<string, Pick<Facet, 'kind' | 'value'>>,
): Pick<Facet, 'kind' | 'value'> | undefined {
  const listed = known.get(href) ?? known.get(shown.toLowerCase());
  if (listed) return listed;
  const isTag = marks.includes('hashtag') || marks.includes('tag');
  if (isTag && shown.startsWith('#') && shown.length > 1) return { kind: 'hashtag', value: shown.slice(1) };
  if (marks.includes('mention') && shown.startsWith('@') && shown.length > 1) {
    const server = URL.canParse(href) ? new URL(href).host : '';
    const name = shown.slice(1);
    return { kind: 'mention', value: name.includes('@') || server === '' ? name : `${name}@${server}` };
  }
  return /^https?:/i.test(href) && URL.canParse(href) ? { kind: 'url', value: href } : undefined;
}

/** The newest edit of what is shown, in milliseconds; a status that was never edited has its own time. */
function versionOf(status: JsonObject, boosted: JsonObject | undefined): string {
  const times = [status, boosted].flatMap((part) => [textAt(part, 'edited_at'), textAt(part, 'created_at')]);
  return String(Math.max(0, ...times.map((time) => Date.parse(time ?? '')).filter((ms) => ms > 0)));
}

function quotedId(quote: unknown): unknown {
  return valueAt(quote, 'quoted_status', 'id') ?? valueAt(quote, 'quoted_status_id') ?? valueAt(quote, 'id');
}

/** The name of an account everywhere: servers leave out their own. */
function fullName(acct: string | undefined, host: string): string | undefined {
  return acct === undefined || acct.includes('@') ? acct : `${acct}@${host}`;
}
