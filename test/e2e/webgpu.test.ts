import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ModelScores } from '../../src/domain/model-input.ts';
import { RunningCli, runCli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { BUNDLE } from '../helpers/model-bundle.ts';
import { encode, pattern } from '../helpers/model-pictures.ts';
import { requireSoftwareGpu } from '../helpers/software-gpu.ts';
import { TINY_BUNDLE } from '../helpers/tiny-bundle.ts';

// Another device adds in another order and has another exp and tanh. WebGPU promises no more than a few last bits each, which
// made 2e-6 on scores up to 3 here, 1e-5 on scores up to 26 at the default size.
const ATOL = 1e-3;
// In 8 bits a last bit can move one activation by a whole step; then every later rounding of the row falls anew, and the scores
// differ as much as those of 8 bits and float32 do: 0.39 on emissions up to 26 was seen.
const ATOL_INT8 = 0.5;

// A device made of software compiles its kernels as slowly as it runs them.
const TIMEOUT = 400_000;

const gpu = requireSoftwareGpu();
const env = 'env' in gpu ? gpu.env : {};

interface Line {
  readonly mentions: readonly { readonly p: number }[];
  readonly relations: readonly { readonly p: number }[];
  readonly images: readonly unknown[];
  readonly scores: ModelScores;
}

const at = (start: number, end: number): [number, number] => [start, end];

/** Posts of several lengths, five of them with words, regions or pairs of an earlier step, two with a picture. */
const POSTS = [
  { text: 'Maria meets Jonas in Lisbon' },
  { words: ['ana', 'lima', 'joins', 'okafor', 'robotics', 'in', 'porto'], pairs: [{ head: at(0, 2), tail: at(3, 5) }] },
  {
    words: ['the', 'new', 'bridge', 'of', 'bergen', '!'],
    pairs: [
      { head: at(1, 3), tail: at(4, 5) },
      { head: at(4, 5), tail: at(1, 3) },
    ],
    images: ['a.png'],
    regions: [at(8, 12).concat(90, 100)],
  },
  { text: 'the festival opens today and the harbour is open all night', images: ['b.png', 'a.png'] },
  { text: 'x' },
];

const lines = (posts: readonly object[]) =>
  posts
    .map((post, i) => `${JSON.stringify({ id: `${i}`, platform: 'x', author: { id: `a${i}` }, ...post })}\n`)
    .join('');

async function pictures(): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'a.png'), await encode(pattern(120, 110), 'png'));
  await writeFile(join(folder, 'b.png'), await encode(pattern(70, 260), 'png'));
  return folder;
}

/** What `grapevine extract` finds and scores on a device; it must end in order. */
async function extract(device: string, bundle: string, posts: readonly object[]) {
  const args = ['extract', '-', '--scores', '--device', device, '--bundle', bundle, '--image-root', await pictures()];
  // More threads than WebGPU can bear: the command has to know.
  const settings = { ...env, MODEL_WORKERS: '3', LOG_LEVEL: 'info' };
  const { code, stdout, stderr } = await runCli(args, { input: lines(posts), env: settings });
  expect(stderr).toContain(`"device":"${device}"`);
  expect(code, stderr).toBe(0);
  return {
    stderr,
    found: stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line),
  };
}

/** The largest difference of two runs' scores; everything but numbers must be equal. */
function difference(actual: readonly Line[], expected: readonly Line[]): number {
  const bare = ({ mentions, relations, images, scores }: Line) => {
    const { emissions: _emissions, relations: _logits, ...exact } = scores;
    const named = [...mentions, ...relations].map((finding) => ({ ...finding, p: 0 }));
    return { named, images, exact };
  };
  expect(actual.map(bare)).toEqual(expected.map(bare));
  const numbers = (found: readonly Line[]) =>
    found.flatMap(({ mentions, relations, scores }) => [
      ...[...mentions, ...relations].map(({ p }) => p),
      ...[...scores.emissions, ...scores.relations].flat(),
    ]);
  const [one, other] = [numbers(actual), numbers(expected)];
  expect(one.length).toBe(other.length);
  return Math.max(...one.map((value, i) => Math.abs(value - (other[i] as number))));
}

describe.skipIf(!('env' in gpu))('the model on WebGPU', () => {
  test('gives the scores of the CPU, in batches that are filled up, with pictures and regions', {
    timeout: TIMEOUT,
  }, async () => {
    const cpu = await extract('cpu', TINY_BUNDLE, POSTS);
    const webgpu = await extract('webgpu', TINY_BUNDLE, POSTS);
    expect(webgpu.stderr).toContain('"workers":1');
    expect(cpu.found.flatMap(({ scores }) => scores.relations).length).toBeGreaterThanOrEqual(3);
    const off = difference(webgpu.found, cpu.found);
    expect(off).toBeLessThanOrEqual(ATOL);
    // Equal to the last bit would mean that it was the CPU after all.
    expect(off).toBeGreaterThan(0);
  });

  test('runs a bundle in 8 bits, slowly, and says what would be better', { timeout: TIMEOUT }, async () => {
    const posts = [{ text: 'Mara Lindqvist joins Harbour Robotics in Rotterdam' }];
    const cpu = await extract('cpu', BUNDLE, posts);
    const webgpu = await extract('webgpu', BUNDLE, posts);
    expect(webgpu.stderr).toContain('a float32 bundle suits this one');
    expect(cpu.stderr).not.toContain('a float32 bundle suits this one');
    expect(difference(webgpu.found, cpu.found)).toBeLessThanOrEqual(ATOL_INT8);
  });

  test('ends in order when it is told to while the device works', { timeout: TIMEOUT }, async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'posts.jsonl');
    await writeFile(file, lines(Array.from({ length: 400 }, (_, i) => ({ text: `x ${i}` }))));
    const args = ['extract', file, '--device', 'webgpu', '--bundle', TINY_BUNDLE];
    await using run = new RunningCli(args, { env: { ...env, WINDOW_RECORDS: '2', DRAIN_MS: '100' } });
    await run.waitFor(/^\{"schema"/m);
    expect(await run.end('SIGTERM')).toBe(0);
    expect(run.stdout.trimEnd().split('\n').length).toBeLessThan(400);
    expect(run.stderr).not.toMatch(/terminate|abort|Segmentation/i);
  });
});
