import type { WordRange } from '../../domain/model-input.ts';
import type { Extractor, ExtractorOutput } from '../extractor.ts';
import { NO_RELATION } from '../manifest.ts';
import type { EvaluationOptions } from './evaluate-ner.ts';
import { inParallel } from './in-parallel.ts';
import type { RelationRow } from './mnre.ts';
import { ScoreBoard, type Scores } from './scores.ts';

/** How good relations between entities of the bundle's own are. */
export interface EndToEndScores extends Scores {
  /** Texts. */
  readonly n: number;
  /** Relations between spans that no row annotates as a pair: neither right nor wrong. */
  readonly others: number;
}

/** What is annotated in one text: all rows that have its words. */
interface AnnotatedText {
  readonly words: readonly string[];
  readonly imageId: string;
  readonly rows: readonly RelationRow[];
}

/**
 * Extracts each text as the service does, entities included, and compares relations between spans that a row annotates.
 *
 * A relation counts only with its right direction, a symmetric one in either.
 */
export async function evaluateEndToEnd(
  rows: readonly RelationRow[],
  { extractor, pictureOf }: EvaluationOptions,
): Promise<EndToEndScores> {
  const board = new ScoreBoard();
  let others = 0;
  const texts = gatherTexts(rows);
  await inParallel(texts, async (text) => {
    const images = pictureOf && text.imageId !== '' ? [pictureOf(text.imageId)] : [];
    const output = await read(extractor, text, images);
    others += compare(text, output, board);
  });
  return { n: texts.length, ...board.micro, others };
}

function read(
  extractor: Extractor,
  { words }: AnnotatedText,
  images: Parameters<Extractor['extract']>[0]['images'],
): Promise<ExtractorOutput> {
  return extractor.extract({ text: words.join(' '), images, given: { words }, normaliseWords: true });
}

function gatherTexts(rows: readonly RelationRow[]): AnnotatedText[] {
  const texts = new Map<string, RelationRow[]>();
  for (const row of rows) {
    const key = JSON.stringify(row.words);
    const known = texts.get(key);
    if (known) known.push(row);
    else texts.set(key, [row]);
  }
  return [...texts.values()].map((same) => {
    const { words, imageId } = same[0] as RelationRow;
    return { words, imageId, rows: same };
  });
}

/** Counts a text's relations, and gives the number of those that cannot be judged. */
function compare({ words, rows }: AnnotatedText, output: ExtractorOutput, board: ScoreBoard): number {
  const wordsOf = wordRanges(words);
  const ranges = output.mentions.map(({ start, end }) => wordsOf(start, end));
  const found = new Set<RelationRow>();
  let others = 0;
  for (const relation of output.relations) {
    const [head, tail] = [ranges[relation.head], ranges[relation.tail]];
    const forward = (row: RelationRow) => isSame(row.head, head) && isSame(row.tail, tail);
    const backward = (row: RelationRow) => isSame(row.head, tail) && isSame(row.tail, head);
    const annotated = rows.filter((row) => forward(row) || backward(row));
    const right = annotated.find((row) => row.relation === relation.type && (forward(row) || relation.symmetric));
    if (annotated.length === 0) others++;
    else board.add(relation.type, { predicted: true, gold: right !== undefined });
    if (right) found.add(right);
  }
  for (const row of rows) {
    if (row.relation !== NO_RELATION && !found.has(row)) board.add(row.relation, { gold: true });
  }
  return others;
}

/** Gives the words that a range of code units of the joined words touches. */
function wordRanges(words: readonly string[]): (start: number, end: number) => WordRange {
  const ends: number[] = [];
  for (const word of words) ends.push((ends.at(-1) ?? -1) + 1 + word.length);
  return (start, end) => [ends.findIndex((at) => at > start), ends.findIndex((at) => at >= end) + 1];
}

function isSame(a: WordRange, b: WordRange | undefined): boolean {
  return a[0] === b?.[0] && a[1] === b[1];
}
