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
 * The probability is a softmax of logits / temperature over the classes in `fitting` and that of no relation.
 *
 * @throws {MODEL_FAILED} a logit that counts is not a number
 */
export function classifyPair(
  logits: Float32Array,
  fitting: readonly number[],
  schema: RelationSchema,
  re: Pick<RePart, 'temperature' | 'thresholds'>,
): PairRelation | undefined {
  const classes = [schema.none, ...fitting];
  const scaled = classes.map((index) => (logits[index] as number) / re.temperature);
  if (!scaled.every((value) => Number.isFinite(value))) {
    throw new GrapevineError('MODEL_FAILED', 'classifying a pair: the logits hold a value that is no number');
  }
  const most = Math.max(...scaled);
  const weights = scaled.map((value) => Math.exp(value - most));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let best = 0;
  for (let i = 1; i < weights.length; i++) if ((weights[i] as number) > (weights[best] as number)) best = i;
  const label = schema.labels[classes[best] as number];
  if (!label || best === 0) return undefined;
  const p = (weights[best] as number) / total;
  if (p < thresholdOf(re.thresholds, label.type)) return undefined;
  return { type: label.type, inverse: label.inverse, symmetric: label.symmetric, p };
}
