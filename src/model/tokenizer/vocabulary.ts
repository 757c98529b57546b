import { readFile } from 'node:fs/promises';
import { GrapevineError, messageOf } from '../../errors.ts';

/** Id of every piece; continuation pieces begin with `##`. */
export type Vocabulary = ReadonlyMap<string, number>;

/** Reads a vocabulary: one piece a line, the line's number is its id. */
export function parseVocabulary(source: string): Vocabulary {
  const lines = source.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  if (lines.at(-1) === '') lines.pop();
  return new Map(lines.map((piece, id) => [piece, id]));
}

/** Reads a vocabulary file. @throws {BUNDLE_MISSING} */
export async function readVocabulary(path: string): Promise<Vocabulary> {
  try {
    return parseVocabulary(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new GrapevineError('BUNDLE_MISSING', `reading the vocabulary ${path}: ${messageOf(cause)}`, { cause });
  }
}
