import type { GivenPair, ModelScores, WordRange } from '../../domain/model-input.ts';
import { decodeCrf } from '../hvpnet/crf.ts';
import { type Presentation, present } from '../hvpnet/pairs.ts';
import { RelationSchema } from '../hvpnet/relation-schema.ts';
import { type NerPart, NO_RELATION, type RePart } from '../manifest.ts';
import { type EndToEndScores, evaluateEndToEnd } from './end-to-end.ts';
import type { EvaluationOptions } from './evaluate-ner.ts';
import { inParallel } from './in-parallel.ts';
import type { RelationRow } from './mnre.ts';
import { ScoreBoard, type Scores } from './scores.ts';

/** How good a bundle is at classifying pairs. */
export interface ReEvaluation {
  readonly task: 're';
  /** Pairs. */
  readonly n: number;
  /** Those of `orders.serving`. */
  readonly micro: Scores;
  readonly perType: Readonly<Record<string, Scores>>;
  /** Each pair in the order the file gives, which betrays a part of the answers, and as the service would show it. */
  readonly orders: { readonly given: Scores; readonly serving: Scores };
  /** Entities of the bundle's own and thresholds, as the service has them; missing for a bundle without an entity model. */
  readonly endToEnd?: EndToEndScores;
}

/** A relation between two spans, from the first to the second unless symmetric. */
interface Directed {
  readonly type: string;
  readonly from: WordRange;
  readonly to: WordRange;
}

interface Parts {
  readonly re: RePart;
  readonly ner: NerPart | undefined;
}

/**
 * Classifies each pair of given spans twice: as it is given, and as the service would show it that knows only text and spans.
 *
 * The likeliest class counts, whatever its probability, and a relation only with its right direction, a symmetric one in
 * either. `None` is not counted. In canonical order the spans' types are those our own tagger thinks likeliest for them.
 */
export async function evaluateRe(
  rows: readonly RelationRow[],
  parts: Parts,
  options: EvaluationOptions,
): Promise<ReEvaluation> {
  const { extractor, pictureOf, onProgress } = options;
  const schema = new RelationSchema(parts.re.labels);
  const given = new ScoreBoard();
  const serving = new ScoreBoard();
  await inParallel(
    rows,
    async (row) => {
      const ends = [row.head, row.tail].sort((a, b) => a[0] - b[0] || a[1] - b[1]) as [WordRange, WordRange];
      const forward = { head: ends[0], tail: ends[1] };
      const backward = { head: ends[1], tail: ends[0] };
      const ordered = ends[0] === row.head;
      const { scores } = await extractor.extract({
        text: row.words.join(' '),
        images: pictureOf && row.imageId !== '' ? [pictureOf(row.imageId)] : [],
        given: { words: row.words, pairs: ordered && parts.re.pairs === 'text' ? [forward] : [forward, backward] },
        normaliseWords: true,
        scores: true,
      });
      const { relations } = scores as ModelScores;
      const gold = { type: row.relation, from: row.head, to: row.tail };
      const asGiven = likeliest(relations[ordered ? 0 : 1] as readonly number[], schema.all, schema);
      count(given, gold, directed(asGiven, row, schema), schema);
      const shown = presentations(scores as ModelScores, ends, schema, parts);
      const best = shown
        .map(({ head, fitting }) => ({
          head,
          ...likeliest(relations[head] as readonly number[], fitting, schema),
        }))
        .reduce<(Choice & { head: number }) | undefined>(
          (top, next) => (top && top.p >= next.p ? top : next),
          undefined,
        );
      const found = best && directed(best, best.head === 0 ? forward : backward, schema);
      count(serving, gold, found, schema);
    },
    onProgress,
  );
  return {
    task: 're',
    n: rows.length,
    micro: serving.micro,
    perType: serving.perType,
    orders: { given: given.micro, serving: serving.micro },
    ...(parts.ner && { endToEnd: await evaluateEndToEnd(rows, options) }),
  };
}

/** A class and how likely it is among those that could be. */
interface Choice {
  readonly label: number;
  readonly p: number;
}

function likeliest(logits: readonly number[], fitting: readonly number[], schema: RelationSchema): Choice {
  const classes = [schema.none, ...fitting];
  const most = Math.max(...classes.map((label) => logits[label] as number));
  const total = classes.reduce((sum, label) => sum + Math.exp((logits[label] as number) - most), 0);
  const label = classes.find((label) => logits[label] === most) ?? schema.none;
  // A relation in one order wins over none in the other.
  return { label, p: label === schema.none ? 0 : 1 / total };
}

/** How the service would show two spans: which of them has the head's markers, and the classes that could be. */
function presentations(
  scores: ModelScores,
  ends: readonly [WordRange, WordRange],
  schema: RelationSchema,
  { re, ner }: Parts,
): { head: number; fitting: readonly number[] }[] {
  if (re.pairs === 'text' || !ner) return [{ head: 0, fitting: schema.all }];
  const { marginals } = decodeCrf(Float32Array.from(scores.emissions.flat()), ner.crf);
  const types = ends.map((range) => ({ type: typeOf(range, scores, marginals, ner) }));
  const typed = (mention: number) => (types[mention] as { type: string }).type;
  return present({ first: 0, second: 1 }, types, schema, 'canonical').map(({ head, tail }: Presentation) => ({
    head,
    fitting: schema.legal(typed(head), typed(tail)),
  }));
}

/** The type that is likeliest for the words of a span, given that it is an entity. */
function typeOf([start, end]: WordRange, { first }: ModelScores, marginals: Float64Array, ner: NerPart): string {
  const chances = new Map<string, number>();
  for (const piece of first.slice(start, end)) {
    if (piece < 0) continue;
    ner.labels.forEach((label, i) => {
      const type = /^[BI]-(.+)$/u.exec(label)?.[1];
      if (type === undefined) return;
      chances.set(type, (chances.get(type) ?? 0) + (marginals[piece * ner.labels.length + i] as number));
    });
  }
  return [...chances].reduce((best, next) => (next[1] > best[1] ? next : best), ['', 0])[0];
}

function directed({ label }: Choice, shown: GivenPair, schema: RelationSchema): Directed | undefined {
  const found = schema.labels[label];
  if (!found || label === schema.none) return undefined;
  const [from, to] = found.inverse ? [shown.tail, shown.head] : [shown.head, shown.tail];
  return { type: found.type, from, to };
}

function count(board: ScoreBoard, gold: Directed, found: Directed | undefined, schema: RelationSchema): void {
  const related = gold.type !== NO_RELATION;
  if (related && found && isSame(gold, found, schema)) {
    board.add(gold.type, { predicted: true, gold: true });
    return;
  }
  if (related) board.add(gold.type, { gold: true });
  if (found) board.add(found.type, { predicted: true });
}

function isSame(gold: Directed, found: Directed, schema: RelationSchema): boolean {
  if (gold.type !== found.type) return false;
  const equal = (a: WordRange, b: WordRange) => a[0] === b[0] && a[1] === b[1];
  if (equal(gold.from, found.from) && equal(gold.to, found.to)) return true;
  return schema.labels.some((label) => label.type === gold.type && label.symmetric);
}
