/** A value that Python's `repr` writes: numbers, strings, None, True, False, lists, tuples and dictionaries. */
export type PythonValue = string | number | boolean | null | PythonValue[] | { [key: string]: PythonValue };

const SPACE = /\s*/uy;
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/uy;
const WORD = /True|False|None/uy;
const WORDS: Readonly<Record<string, PythonValue>> = { True: true, False: false, None: null };
const SIMPLE: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  '0': '\0',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
};
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const MAX_DEPTH = 64;

/** Reads one literal, which must be the whole text. @throws {SyntaxError} saying where and what */
export function parsePythonLiteral(text: string): PythonValue {
  const reader = new LiteralReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class LiteralReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): PythonValue {
    if (depth > MAX_DEPTH) throw this.#error(`it is nested deeper than ${MAX_DEPTH} levels`);
    this.#match(SPACE);
    const char = this.#text[this.#at];
    if (char === '{') return this.#dictionary(depth);
    if (char === '[') return this.#sequence(']', depth);
    if (char === '(') return this.#sequence(')', depth);
    if (char === "'" || char === '"') return this.#string(char);
    const word = this.#match(WORD);
    if (word) return WORDS[word] as PythonValue;
    const number = this.#match(NUMBER);
    if (number) return Number(number);
    throw this.#error('expected a value');
  }

  end(): void {
    this.#match(SPACE);
    if (this.#at < this.#text.length) throw this.#error('expected the end');
  }

  #dictionary(depth: number): PythonValue {
    const entries: [string, PythonValue][] = [];
    this.#items('}', () => {
      const key = this.value(depth + 1);
      this.#expect(':');
      entries.push([String(key), this.value(depth + 1)]);
    });
    return Object.fromEntries(entries);
  }

  #sequence(close: string, depth: number): PythonValue[] {
    const items: PythonValue[] = [];
    this.#items(close, () => items.push(this.value(depth + 1)));
    return items;
  }

  #items(close: string, read: () => void): void {
    this.#at++;
    for (;;) {
      this.#match(SPACE);
      if (this.#text[this.#at] === close) break;
      read();
      this.#match(SPACE);
      if (this.#text[this.#at] === close) break;
      this.#expect(',');
    }
    this.#at++;
  }

  #string(quote: string): string {
    let out = '';
    this.#at++;
    for (;;) {
      const char = this.#text[this.#at++];
      if (char === undefined) throw this.#error('a string does not end');
      if (char === quote) return out;
      out += char === '\\' ? this.#escape() : char;
    }
  }

  #escape(): string {
    const char = this.#text[this.#at++] ?? '';
    const simple = SIMPLE[char];
    if (simple !== undefined) return simple;
    const digits = HEX_DIGITS[char];
    if (digits === undefined) return `\\${char}`;
    const hex = this.#text.slice(this.#at, this.#at + digits);
    const code = /^[0-9a-f]+$/iu.test(hex) && hex.length === digits ? Number.parseInt(hex, 16) : Number.NaN;
    if (!(code <= 0x10_ff_ff)) throw this.#error('an escape names no character');
    this.#at += digits;
    return String.fromCodePoint(code);
  }

  #expect(char: string): void {
    this.#match(SPACE);
    if (this.#text[this.#at] !== char) throw this.#error(`expected ${char}`);
    this.#at++;
  }

  /** What a sticky pattern matches here, which is then read. */
  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #error(problem: string): SyntaxError {
    return new SyntaxError(`${problem} at character ${this.#at + 1}`);
  }
}
