import { messageOf } from '../../errors.ts';
import { type Decoded, reject } from './rejected.ts';

const MAX_DEPTH = 100;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Parses hostile bytes as one JSON object: not UTF-8 is `decode`, not JSON or nested too deep `parse`, no object `schema`. */
export function parseJsonObject(bytes: Uint8Array): Decoded<Readonly<Record<string, unknown>>> {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return reject('decode', 'decoding a record: its bytes are not UTF-8');
  }
  if (isDeeperThan(text, MAX_DEPTH)) {
    return reject('parse', `parsing a record: it is nested deeper than ${MAX_DEPTH} levels`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return reject('parse', `parsing a record: it is not JSON (${messageOf(error).slice(0, 120)})`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return reject('schema', 'reading a record: expected a JSON object');
  }
  return { record: value as Readonly<Record<string, unknown>> };
}

/** True when brackets outside strings nest deeper than `limit`: checked before parsing, so no input can exhaust the stack. */
function isDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > limit) return true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return false;
}
