/** Offsets of one partition from `from` on, up to but not including `to`. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

const VERSION = 'd1.';
/** The broker takes 4096 bytes beside an offset. */
const MAX_LENGTH = 4_000;

/**
 * Finished runs above a committed offset as the text beside it, so that a successor need not do them again: lengths of gaps
 * and runs in turn, seven bits a byte. What does not fit is left out from the end, which costs work and loses nothing.
 */
export function encodeDone(committed: number, runs: Iterable<Run>): string {
  const bytes: number[] = [];
  let at = committed;
  for (const { from, to } of runs) {
    const pair = [...varint(from - at), ...varint(to - from)];
    if (VERSION.length + Math.ceil(((bytes.length + pair.length) * 4) / 3) > MAX_LENGTH) break;
    bytes.push(...pair);
    at = to;
  }
  return bytes.length === 0 ? '' : VERSION + Buffer.from(bytes).toString('base64url');
}

/** The runs in such a text; none for anything else that may stand there. */
export function decodeDone(committed: number, text: string | null | undefined): readonly Run[] {
  if (!text?.startsWith(VERSION)) return [];
  const bytes = Buffer.from(text.slice(VERSION.length), 'base64url');
  const lengths: number[] = [];
  let value = 0;
  let factor = 1;
  for (const byte of bytes) {
    value += (byte & 127) * factor;
    factor *= 128;
    if (byte > 127) continue;
    lengths.push(value);
    [value, factor] = [0, 1];
  }
  const runs: Run[] = [];
  let at = committed;
  for (let i = 0; i + 1 < lengths.length; i += 2) {
    const from = at + (lengths[i] as number);
    at = from + (lengths[i + 1] as number);
    if (!Number.isSafeInteger(at) || at <= from) return [];
    runs.push({ from, to: at });
  }
  return runs;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}
