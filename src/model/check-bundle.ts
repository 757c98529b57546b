import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ModelScores } from '../domain/model-input.ts';
import { GrapevineError, messageOf } from '../errors.ts';
import { sha256Of } from './bundle.ts';
import type { Extractor } from './extractor.ts';

/** The file with examples and their results that an exporter puts into a bundle. */
export const GOLDEN_FILE = 'golden.json';

const matrix = z.array(z.array(z.number()));
const range = z.tuple([z.int(), z.int()]);
const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);

const goldenSchema = z.object({
  tolerance: z.number().positive(),
  cases: z.array(
    z.object({
      words: z.array(z.string()),
      images: z.array(z.string().regex(/^[\w.-]+$/)).optional(),
      regions: z.array(box).optional(),
      pairs: z.array(z.object({ head: range, tail: range })),
      expected: z.object({
        pieces: z.int().optional(),
        first: z.array(z.int()).optional(),
        emissions: matrix.optional(),
        path: z.array(z.int()).optional(),
        relations: matrix.optional(),
      }),
    }),
  ),
});

type GoldenCase = z.output<typeof goldenSchema>['cases'][number];

/** How far a bundle's results on this machine are from those it was sealed with. */
export interface GoldenReport {
  readonly cases: number;
  /** Largest difference of a score, and what is allowed. */
  readonly difference: number;
  readonly tolerance: number;
  /** What must be equal and is not; empty for a bundle that can be used here. */
  readonly problems: readonly string[];
}

/**
 * Runs the examples of a bundle and compares: pieces, best paths and likeliest relations must be equal, scores within the
 * tolerance that the bundle states.
 *
 * @throws {BUNDLE_INVALID} the file of examples is not one
 */
export async function checkGoldens(dir: string, extractor: Extractor): Promise<GoldenReport> {
  const golden = await readGoldens(join(dir, GOLDEN_FILE));
  const problems: string[] = [];
  let difference = 0;
  for (const [i, example] of golden.cases.entries()) {
    const found = compare(example, await run(dir, extractor, example));
    difference = Math.max(difference, found.difference);
    problems.push(...found.problems.map((problem) => `example ${i + 1}: ${problem}`));
  }
  if (!(difference <= golden.tolerance))
    problems.push(`scores differ by ${difference}, at most ${golden.tolerance} is allowed`);
  return { cases: golden.cases.length, difference, tolerance: golden.tolerance, problems };
}

async function readGoldens(path: string): Promise<z.output<typeof goldenSchema>> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new GrapevineError('BUNDLE_INVALID', `reading ${path}: ${messageOf(cause)}`, { cause });
  }
  const parsed = goldenSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new GrapevineError('BUNDLE_INVALID', `reading ${path}:\n${z.prettifyError(parsed.error)}`);
}

async function run(dir: string, extractor: Extractor, example: GoldenCase): Promise<ModelScores> {
  const { words, images = [], regions, pairs } = example;
  const output = await extractor.extract({
    text: words.join(' '),
    images: images.map((file) => async () => {
      const bytes = await readFile(join(dir, file));
      return { bytes, sha256: sha256Of(bytes) };
    }),
    given: { words, pairs, ...(regions && { regions }) },
    scores: true,
  });
  return output.scores as ModelScores;
}

function compare({ expected }: GoldenCase, got: ModelScores): { difference: number; problems: string[] } {
  const problems: string[] = [];
  for (const key of ['pieces', 'first', 'path'] as const) {
    const wanted = expected[key];
    if (wanted !== undefined && JSON.stringify(wanted) !== JSON.stringify(got[key])) problems.push(`another ${key}`);
  }
  let difference = 0;
  for (const key of ['emissions', 'relations'] as const) {
    const wanted = expected[key];
    if (!wanted) continue;
    difference = Math.max(difference, largestDifference(wanted, got[key]));
  }
  const likeliest = expected.relations?.some((row, i) => best(row) !== best(got.relations[i] ?? []));
  if (likeliest) problems.push('another relation is the likeliest');
  return { difference, problems };
}

function largestDifference(wanted: readonly (readonly number[])[], got: readonly (readonly number[])[]): number {
  if (wanted.length !== got.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  wanted.forEach((row, i) => {
    row.forEach((value, k) => {
      const off = Math.abs(value - (got[i]?.[k] ?? Number.NaN));
      most = Math.max(most, Number.isNaN(off) ? Number.POSITIVE_INFINITY : off);
    });
  });
  return most;
}

function best(row: readonly number[]): number {
  return row.indexOf(Math.max(...row));
}
