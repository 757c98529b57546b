import { z } from 'zod';
import type { WordRange } from '../../domain/model-input.ts';
import { GrapevineError, messageOf } from '../../errors.ts';
import { NO_RELATION } from '../manifest.ts';
import { parsePythonLiteral } from './python-literal.ts';

/** A row of an MNRE file: two spans of a post in the order the file gives, and the relation between them. */
export interface RelationRow {
  readonly words: readonly string[];
  readonly head: WordRange;
  readonly tail: WordRange;
  readonly relation: string;
  /** Name of the picture, empty where there is none. */
  readonly imageId: string;
}

const end = z.object({ pos: z.tuple([z.int().nonnegative(), z.int().positive()]) });
const rowSchema = z.object({
  token: z.array(z.string()),
  h: end,
  t: end,
  relation: z.string(),
  img_id: z.union([z.string(), z.number()]).transform(String).default(''),
});

/** Reads rows, one Python literal a line. @throws {INPUT_UNREADABLE} naming the line */
export function parseMnre(source: string): RelationRow[] {
  const rows: RelationRow[] = [];
  source.split(/\r?\n/u).forEach((line, i) => {
    if (line.trim() !== '') rows.push(parseRow(line, i + 1));
  });
  return rows;
}

function parseRow(line: string, number: number): RelationRow {
  try {
    const { token, h, t, relation, img_id: imageId } = rowSchema.parse(parsePythonLiteral(line));
    for (const { pos } of [h, t]) {
      if (pos[0] >= pos[1] || pos[1] > token.length) throw new SyntaxError(`no words at [${pos.join(', ')}]`);
    }
    const type = relation.toLowerCase() === 'none' ? NO_RELATION : relation;
    return { words: token, head: h.pos, tail: t.pos, relation: type, imageId };
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause);
    throw new GrapevineError('INPUT_UNREADABLE', `reading line ${number} of the relations: ${reason}`, { cause });
  }
}
