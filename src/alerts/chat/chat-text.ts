import type { AlertMessage } from '../alert-sink.ts';

/** A piece of evidence as people read it. */
export interface ChatEvidence {
  /** Who says it, and what. */
  readonly text: string;
  /** Where it stands: http or https, and nothing that a chat would read as markup. */
  readonly url: string | undefined;
}

/** An alert as people read it. */
export interface ChatText {
  readonly title: string;
  readonly text: string;
  readonly evidence: readonly ChatEvidence[];
}

interface Content {
  readonly rule?: string;
  readonly severity?: string;
  readonly text?: string;
  readonly channel?: string;
  readonly facts?: readonly { readonly evidence?: readonly Said[] }[];
  readonly entities?: readonly { readonly evidence?: readonly Said[] }[];
}

interface Said {
  readonly author?: string;
  readonly text?: string;
  readonly url?: string;
}

/** What of a message is for people. Everything in it may come from a post: each chat escapes it in its own way. */
export function chatText({ type, data }: AlertMessage): ChatText {
  const { rule = '', severity = '', text = '', channel = '', facts = [], entities = [] } = data as Content;
  if (type === 'alert.test') return { title: 'Grapevine: a test', text: `Channel ${channel} works.`, evidence: [] };
  const said = [...facts, ...entities].flatMap(({ evidence = [] }) => evidence);
  return {
    title: `${type === 'alert.resolved' ? 'resolved' : severity}: ${rule}`,
    text,
    evidence: said.map((each) => ({ text: `${each.author ?? ''}: ${each.text ?? ''}`, url: webAddress(each.url) })),
  };
}

/** Cuts text to a length in UTF-16 code units without cutting a character, and says that it did. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function webAddress(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { protocol, href } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') return undefined;
  return href.length > 1_000 || /[<>|()\s\\]/.test(href) ? undefined : href;
}
