import { GrapevineError } from '../../errors.ts';
import { type NerPart, thresholdOf } from '../manifest.ts';
import { type EncodedPost, firstPiece } from '../tokenizer/encode-post.ts';
import { decodeCrf } from './crf.ts';

/** A mention before it gets its place in the extraction. */
export interface Span {
  readonly type: string;
  /** First UTF-16 code unit of the span in the post's text. */
  readonly start: number;
  /** One past the last code unit. */
  readonly end: number;
  /** First word of the span. */
  readonly firstWord: number;
  /** One past its last word. */
  readonly endWord: number;
  /** Probability of the span, 0 to 1. */
  readonly p: number;
}

interface Draft {
  type: string;
  firstWord: number;
  endWord: number;
  p: number;
}

const EDGE = /[#@\s]/u;

/**
 * Mentions of a post from the emissions of its pieces with [CLS] and [SEP], float32 [pieces + 2, labels].
 *
 * A word has the tag of its first piece; a word without pieces, or tagged as something that is no entity, is outside.
 * An I- tag that continues nothing begins a mention. A mention's probability is the smallest, over its words, of the
 * marginal probability that the word belongs to an entity of that type (B- and I- together), at the bundle's temperature.
 *
 * @throws {MODEL_FAILED} an emission is not a number
 */
export function decodeMentions(post: EncodedPost, emissions: Float32Array, ner: NerPart): Span[] {
  if (!emissions.every((value) => Number.isFinite(value))) {
    throw new GrapevineError('MODEL_FAILED', 'recognising entities: the emissions hold a value that is no number');
  }
  const tags = wordTags(post, emissions, ner);
  const spans: Span[] = [];
  for (const draft of group(tags)) {
    const span = trim(post, draft);
    if (span && span.p >= thresholdOf(ner.thresholds, span.type)) spans.push(span);
  }
  return spans;
}

interface WordTag {
  readonly begins: boolean;
  readonly type: string;
  readonly p: number;
}

function wordTags(
  post: EncodedPost,
  emissions: Float32Array,
  { labels, crf, temperature }: NerPart,
): (WordTag | undefined)[] {
  const { path, marginals } = decodeCrf(emissions, crf, temperature);
  const parts = labels.map((label) => /^([BI])-(.+)$/u.exec(label));
  return post.words.map((_, word) => {
    const piece = firstPiece(post, word);
    // Position 0 is [CLS].
    const position = piece + 1;
    const part = piece < 0 ? null : parts[path[position] as number];
    if (!part) return undefined;
    const type = part[2] as string;
    let p = 0;
    for (let i = 0; i < labels.length; i++) {
      if (parts[i]?.[2] === type) p += marginals[position * labels.length + i] as number;
    }
    return { begins: part[1] === 'B', type, p: Math.min(p, 1) };
  });
}

function group(tags: readonly (WordTag | undefined)[]): Draft[] {
  const drafts: Draft[] = [];
  let open: Draft | undefined;
  tags.forEach((tag, word) => {
    if (tag && open && !tag.begins && tag.type === open.type) {
      open.endWord = word + 1;
      open.p = Math.min(open.p, tag.p);
      return;
    }
    open = tag && { type: tag.type, firstWord: word, endWord: word + 1, p: tag.p };
    if (open) drafts.push(open);
  });
  return drafts;
}

/** Takes `#`, `@` and spaces off both ends, and the words that vanish with them. */
function trim(post: EncodedPost, draft: Draft): Span | undefined {
  let { firstWord, endWord } = draft;
  let start = post.words[firstWord]?.start ?? 0;
  let end = post.words[endWord - 1]?.end ?? 0;
  while (start < end && EDGE.test(post.text.charAt(start))) start++;
  while (end > start && EDGE.test(post.text.charAt(end - 1))) end--;
  if (start >= end) return undefined;
  while ((post.words[firstWord]?.end ?? start + 1) <= start) firstWord++;
  while ((post.words[endWord - 1]?.start ?? end - 1) >= end) endWord--;
  return { type: draft.type, start, end, firstWord, endWord, p: draft.p };
}
