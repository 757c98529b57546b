import { GrapevineError } from '../../errors.ts';
import { type RePart, thresholdOf } from '../manifest.ts';
import type { RelationSchema } from './relation-schema.ts';

/** The relation of a pair as it was shown: from its tail's to its head's markers where `inverse`. */
export interface PairRelation {
  readonly type: string;
  readonly inverse: boolean;
  readonly symmetric: boolean;
  /** Probability, 0 to 1. */
  readonly p: number;
}

/**
 * The relation of a pair: the likeliest class, if it is a relation and its probability reaches its type's threshold.
 *
 * The probability is a softmax of logits / temperature over the classes in `fitting` and that of no relation, to whose logit
 * the bundle's bias is added: what is reported was picked out as a relation, and the raw scores know nothing of that.
 *
 * @throws {MODEL_FAILED} a logit that counts is not a number
 */
export function classifyPair(
  logits: Float32Array,
  fitting: readonly number[],
  schema: RelationSchema,
  re: Pick<RePart, 'temperature' | 'noneBias' | 'thresholds'>,
): PairRelation | undefined {
  const classes = [schema.none, ...fitting];
  const scores = classes.map((index) => logits[index] as number);
  if (!scores.every((value) => Number.isFinite(value))) {
    throw new GrapevineError('MODEL_FAILED', 'classifying a pair: the logits hold a value that is no number');
  }
  const best = scores.indexOf(Math.max(...scores));
  const label = schema.labels[classes[best] as number];
  if (!label || best === 0) return undefined;
  const none = (scores[0] as number) + re.noneBias;
  const weigh = (score: number) => Math.exp((score - (scores[best] as number)) / re.temperature);
  const total = scores.slice(1).reduce((sum, score) => sum + weigh(score), weigh(none));
  const p = 1 / total;
  if (p < thresholdOf(re.thresholds, label.type)) return undefined;
  return { type: label.type, inverse: label.inverse, symmetric: label.symmetric, p };
}
