import { Parser } from 'htmlparser2';

/** A link in the text of a page. */
export interface HtmlLink {
  readonly href: string;
  /** Words of its `class` and `rel`. */
  readonly marks: readonly string[];
  /** First UTF-16 code unit of what it shows. */
  readonly start: number;
  /** One past the last code unit. */
  readonly end: number;
}

/** What a reader sees of a piece of HTML. */
export interface HtmlText {
  readonly text: string;
  /** Links that show something, by where they start; `text.slice(start, end)` is what each shows. */
  readonly links: readonly HtmlLink[];
}

const PARAGRAPHS = new Set(['p', 'blockquote', 'pre', 'ul', 'ol', 'table', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr']);
const LINES = new Set(['div', 'li', 'tr', 'section', 'article', 'dt', 'dd']);
const UNSEEN = new Set(['script', 'style', 'template', 'iframe', 'title', 'noscript', 'object', 'svg', 'math']);
/** Longer HTML is cut: posts are far shorter, and deep nonsense costs the parser the square of its length. */
export const MAX_HTML_UNITS = 100_000;

interface OpenLink {
  readonly href: string;
  readonly marks: readonly string[];
  start: number;
}

/**
 * The text of a piece of HTML: paragraphs apart by an empty line, `<br>` a line break, other white space one space.
 *
 * Elements with a class in `without` are left out with all they hold.
 */
export function htmlToText(html: string, without: ReadonlySet<string> = new Set()): HtmlText {
  const text = new TextBuilder();
  const links: HtmlLink[] = [];
  const open: OpenLink[] = [];
  let unseen = 0;
  const parser = new Parser({
    onopentag(name, attributes) {
      const marks = `${attributes['class'] ?? ''} ${attributes['rel'] ?? ''}`
        .split(/\s+/)
        .filter((mark) => mark !== '');
      if (unseen > 0 || UNSEEN.has(name) || marks.some((mark) => without.has(mark))) unseen++;
      else if (name === 'br') text.newLine();
      else if (name === 'a') open.push({ href: attributes['href'] ?? '', marks, start: text.length });
      else text.breakAround(name);
    },
    ontext(data) {
      if (unseen === 0) text.write(data);
    },
    onclosetag(name) {
      if (unseen > 0) unseen--;
      else if (name === 'a') {
        const link = open.pop();
        const start = link && text.firstAfter(link.start);
        if (link && start !== undefined && start < text.length && links.length < 1000) {
          links.push({ href: link.href, marks: link.marks, start, end: text.length });
        }
      } else if (name !== 'br') text.breakAround(name);
    },
  });
  parser.end(html.slice(0, MAX_HTML_UNITS));
  return { text: text.toString(), links: links.sort((a, b) => a.start - b.start || a.end - b.end) };
}

/** Joins words and breaks; white space is written only once something visible follows, so no offset ever moves. */
class TextBuilder {
  #text = '';
  #space = false;
  #breaks = 0;

  get length(): number {
    return this.#text.length;
  }

  write(data: string): void {
    for (const part of data.split(/([ \t\n\r\f]+)/)) {
      if (part === '') continue;
      if (/^[ \t\n\r\f]/.test(part)) this.#space = true;
      else this.#show(part);
    }
  }

  newLine(): void {
    this.#breaks = Math.min(this.#breaks + 1, 2);
  }

  breakAround(name: string): void {
    if (PARAGRAPHS.has(name)) this.#breaks = 2;
    else if (LINES.has(name)) this.#breaks = Math.max(this.#breaks, 1);
  }

  /** Where the first visible character at or after a position stands, undefined when nothing was shown since. */
  firstAfter(position: number): number | undefined {
    if (position >= this.#text.length) return undefined;
    const rest = /[^ \n]/.exec(this.#text.slice(position, position + 3));
    return rest ? position + rest.index : undefined;
  }

  toString(): string {
    return this.#text;
  }

  #show(word: string): void {
    if (this.#text !== '') this.#text += '\n'.repeat(this.#breaks) || (this.#space ? ' ' : '');
    this.#space = false;
    this.#breaks = 0;
    this.#text += word;
  }
}
