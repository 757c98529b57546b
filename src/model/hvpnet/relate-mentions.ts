import type { Mention, Relation } from '../../domain/extraction.ts';
import type { GivenPair } from '../../domain/model-input.ts';
import type { RePart } from '../manifest.ts';
import type { TextRow } from '../pack-batch.ts';
import type { EncodedPost } from '../tokenizer/encode-post.ts';
import { classifyPair, type PairRelation } from './classify.ts';
import type { Span } from './decode-mentions.ts';
import { type Pair, type Presentation, pairMentions, present } from './pairs.ts';
import { type ReRules, reRow, type WordSpan } from './re-input.ts';
import type { TextQueue } from './recognise-entities.ts';
import type { RelationSchema } from './relation-schema.ts';

/** The relation classifier of a bundle. */
export interface Classifier {
  readonly queue: TextQueue;
  readonly part: RePart;
  readonly rules: ReRules;
  readonly schema: RelationSchema;
  /** Pairs of mentions classified per post, the closest first. */
  readonly maxPairs: number;
}

/** What the classifier made of a post. */
export interface Related {
  readonly relations: readonly Relation[];
  /** Mentions of given pairs that the tagger did not find and that take part in a relation. */
  readonly added: readonly Mention[];
  /** Scores of each pair as it was shown, in order. */
  readonly logits: readonly Float32Array[];
}

/** Finds the relations between a post's mentions: at most one for each two of them. */
export async function relateMentions(
  post: EncodedPost,
  spans: readonly Span[],
  slots: TextRow['slots'],
  classifier: Classifier,
): Promise<Related> {
  const { schema, part, maxPairs } = classifier;
  const pairs = pairMentions(spans, schema, part.pairs, maxPairs);
  const read = await Promise.all(pairs.map((pair) => readPair(post, spans, pair, slots, classifier)));
  const relations = read.flatMap((pair) => pair.relation ?? []);
  return { relations, added: [], logits: read.flatMap((pair) => pair.logits) };
}

/** Classifies given pairs, each as it was given and over all classes. */
export async function relateGiven(
  post: EncodedPost,
  mentions: readonly Mention[],
  pairs: readonly GivenPair[],
  slots: TextRow['slots'],
  classifier: Classifier,
): Promise<Related> {
  const { schema, part } = classifier;
  const logits = await Promise.all(
    pairs.map(({ head, tail }) => show(post, toWordSpan(head), toWordSpan(tail), slots, classifier)),
  );
  const added: Mention[] = [];
  const idOf = (range: readonly [number, number], type: string): number => {
    const start = post.words[range[0]]?.start ?? 0;
    const end = post.words[range[1] - 1]?.end ?? 0;
    const known = [...mentions, ...added].find((mention) => mention.start === start && mention.end === end);
    if (known) return known.id;
    const id = mentions.length + added.length;
    added.push({ id, start, end, text: post.text.slice(start, end), type, p: 1, given: true });
    return id;
  };
  const relations = pairs.flatMap((pair, i): Relation[] => {
    const found = classifyPair(logits[i] as Float32Array, schema.all, schema, part);
    if (!found) return [];
    const [head, tail] = found.inverse ? [pair.tail, pair.head] : [pair.head, pair.tail];
    const [, headType = '', tailType = ''] = found.type.toUpperCase().split('/');
    return [toRelation({ head: idOf(head, headType), tail: idOf(tail, tailType) }, found)];
  });
  return { relations, added, logits };
}

async function readPair(
  post: EncodedPost,
  spans: readonly Span[],
  pair: Pair,
  slots: TextRow['slots'],
  classifier: Classifier,
): Promise<{ relation: Relation | undefined; logits: Float32Array[] }> {
  const { schema, part } = classifier;
  const span = (mention: number) => spans[mention] as Span;
  const shown = present(pair, spans, schema, part.pairs);
  const logits = await Promise.all(
    shown.map(({ head, tail }) => show(post, span(head), span(tail), slots, classifier)),
  );
  let best: { shown: Presentation; found: PairRelation } | undefined;
  shown.forEach((order, i) => {
    const fitting = schema.legal(span(order.head).type, span(order.tail).type);
    const found = classifyPair(logits[i] as Float32Array, fitting, schema, part);
    if (found && (!best || found.p > best.found.p)) best = { shown: order, found };
  });
  if (!best) return { relation: undefined, logits };
  const { head, tail } = best.shown;
  const ends = best.found.inverse ? { head: tail, tail: head } : { head, tail };
  return { relation: toRelation(ends, best.found), logits };
}

function show(
  post: EncodedPost,
  head: WordSpan,
  tail: WordSpan,
  slots: TextRow['slots'],
  { queue, rules }: Classifier,
): Promise<Float32Array> {
  return queue.run({ ...reRow(post, head, tail, rules), slots });
}

function toWordSpan([firstWord, endWord]: readonly [number, number]): WordSpan {
  return { firstWord, endWord };
}

function toRelation({ head, tail }: Presentation, { type, p, symmetric }: PairRelation): Relation {
  return { type, head, tail, p, ...(symmetric && { symmetric: true as const }) };
}
