import type { Readable } from 'node:stream';
import { GrapevineError, messageOf } from '../../errors.ts';
import type { RecordSource, SourceRecord } from '../record-source.ts';

/** A stream of lines and what it is read with. */
export interface JsonlOptions {
  /** The bytes: a file or standard input; read once, never seeked. */
  readonly input: Readable;
  /** Longest line in bytes; a longer one is delivered as damaged. @default 1_048_576 */
  readonly maxLineBytes?: number;
  /** Leaves out a last line that no line end follows: half of it may be missing. @default false */
  readonly wholeLinesOnly?: boolean;
  /** Called with the number of bytes read so far. */
  readonly onBytes?: (bytes: number) => void;
}

const NEWLINE = 0x0a;
const BOM = [0xef, 0xbb, 0xbf];
const NO_HEADERS = {};

/** Records from JSON Lines: one a line, blank lines passed over, the line number as position. */
export class JsonlRecordSource implements RecordSource {
  readonly #options: JsonlOptions;
  readonly #maxLineBytes: number;
  #parts: Buffer[] = [];
  #length = 0;
  #line = 0;
  #stopped = false;

  constructor(options: JsonlOptions) {
    this.#options = options;
    this.#maxLineBytes = options.maxLineBytes ?? 1_048_576;
  }

  async run(accept: (record: SourceRecord) => Promise<void>): Promise<void> {
    let read = 0;
    try {
      for await (const chunk of this.#options.input as AsyncIterable<Buffer>) {
        for (const { record, end } of this.#split(chunk)) {
          if (this.#stopped) return;
          if (record) await accept(record);
          this.#options.onBytes?.(read + end);
        }
        read += chunk.length;
        this.#options.onBytes?.(read);
        if (this.#stopped) return;
      }
    } catch (error) {
      if (this.#stopped) return;
      throw error instanceof GrapevineError
        ? error
        : new GrapevineError('INPUT_UNREADABLE', `reading the input: ${messageOf(error)}`, { cause: error });
    }
    const last = this.#options.wholeLinesOnly ? undefined : this.#finishLine();
    if (last) await accept(last);
  }

  stop(): void {
    this.#stopped = true;
    this.#options.input.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
  }

  /** The lines that end in this chunk, each with where in the chunk it ends; blank ones have no record. */
  *#split(chunk: Buffer): Generator<{ record: SourceRecord | undefined; end: number }> {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#collect(chunk.subarray(start, end));
      start = end + 1;
      yield { record: this.#finishLine(), end: start };
    }
    this.#collect(chunk.subarray(start));
  }

  /** Keeps no more than one byte over the limit, so a line without end cannot fill the memory. */
  #collect(part: Buffer): void {
    const room = this.#maxLineBytes + 1 - this.#length;
    this.#length += part.length;
    if (part.length > 0 && room > 0) this.#parts.push(part.subarray(0, room));
  }

  #finishLine(): SourceRecord | undefined {
    const length = this.#length;
    let bytes = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    this.#line++;
    if (this.#line === 1 && BOM.every((byte, i) => bytes[i] === byte)) bytes = bytes.subarray(BOM.length);
    const record = { key: null, headers: NO_HEADERS, position: `line ${this.#line}`, done: () => {} };
    if (length > this.#maxLineBytes) {
      const message = `reading ${record.position}: it has ${length} bytes, the limit is ${this.#maxLineBytes}`;
      return { ...record, value: null, damage: { reason: 'too_large', message } };
    }
    return isBlank(bytes) ? undefined : { ...record, value: bytes };
  }
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
