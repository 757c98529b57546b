import type { Size } from './bundles.ts';
import type { Spec } from './contenders.ts';
import type { Figure, Results } from './results.ts';

/** One line of the report. */
export interface Row {
  readonly what: string;
  /** Undefined when it could not be measured. */
  readonly figure: Figure | undefined;
  /** How the figure is written. */
  readonly unit: 'x' | 'share' | 'ms' | 'posts/s' | 'events/s';
  readonly atLeast?: number;
  readonly atMost?: number;
  /** What to know when reading it. */
  readonly note?: string;
}

/** What a question is asked about. */
export interface Subject {
  readonly size: Size;
  readonly threads: number;
  /** Whether the per-post path is an emulation. */
  readonly emulated: boolean;
}

/** One thing the benchmark finds out: who has to run for it, and what their times say. */
export interface Question {
  readonly title: string;
  contenders(subject: Subject): readonly Spec[];
  rows(results: Results, subject: Subject): readonly Row[];
}

/** Ours, on as many threads, with one picture a post, none repeated. */
export function ours(
  precision: 'fp32' | 'int8',
  workers: number,
  more: { crops?: number; duplicates?: number } = {},
): Spec {
  return { kind: 'ours', precision, workers, crops: more.crops ?? 0, duplicates: more.duplicates ?? 0 };
}

/** Bare sessions on as many threads. */
export function bare(precision: 'fp32' | 'int8', workers: number): Spec {
  return { kind: 'bare', precision, workers };
}

/** The per-post path of the paper's code. */
export const AUTHORS: Spec = { kind: 'authors' };

/** Both precisions. */
export const PRECISIONS = ['fp32', 'int8'] as const;
