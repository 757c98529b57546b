import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The sizes of model that are measured; two of them differ only in how many picture networks there are. */
export const SIZES = {
  paper: { size: 'paper', share: false, about: 'a picture network for each task, as the paper’s code trains them' },
  'paper-shared': { size: 'paper', share: true, about: 'one picture network for both tasks, as training/ makes them' },
  default: { size: 'default', share: true, about: 'the size that ships, one picture network for both tasks' },
} as const;

/** One of them by name. */
export type Size = keyof typeof SIZES;

/** Two bundles of one size, equal but for their precision, and the checkpoints they were made of. */
export interface Bundles {
  /** Holds ner.pth and re.pth. */
  readonly folder: string;
  readonly fp32: string;
  readonly int8: string;
  /** A Python with PyTorch; undefined where there is none. */
  readonly python: string | undefined;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
/** What decides what the bundles are: when one of these changes, they are made again. */
const SOURCES = [
  'bench/prepare/bundles.py',
  ...['bert', 'export', 'generate', 'graphs', 'manifest', 'model', 'resnet', 'rowwise', 'static_pictures', 'trunk'].map(
    (name) => `training/${name}.py`,
  ),
];

/** A Python that imports torch: `GRAPEVINE_PYTHON`, or python3. */
export function findPython(): string | undefined {
  // oxlint-disable-next-line node/no-process-env -- where an interpreter is, on this machine only
  const candidates = [process.env['GRAPEVINE_PYTHON'], 'python3'].filter((name) => name !== undefined);
  const works = (name: string) =>
    spawnSync(name, ['-c', 'import torch, onnx, onnxruntime'], { stdio: 'ignore' }).status === 0;
  return candidates.find(works);
}

/**
 * The bundles of a size, made at the first call and kept in the temporary folder for the next ones; undefined where they
 * are not there and no Python can make them.
 */
export function prepareBundles(
  size: Size,
  python: string | undefined,
  tell: (line: string) => void,
): Bundles | undefined {
  const folder = join(tmpdir(), 'grapevine-bench', `${size}-${version()}`);
  if (!existsSync(join(folder, 'int8', 'manifest.json'))) {
    if (!python) return undefined;
    tell(`making the ${size} bundles in ${folder}, once`);
    make(size, python, folder);
  }
  return { folder, fp32: join(folder, 'fp32'), int8: join(folder, 'int8'), python };
}

function make(name: Size, python: string, folder: string): void {
  const { size, share } = SIZES[name];
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  try {
    const vocabulary = join(root, 'models/default/vocab.txt');
    const options = ['--size', size, ...(share ? ['--share'] : []), '--vocab', vocabulary, '--out', draft];
    execFileSync(python, ['-m', 'bench.prepare.bundles', ...options], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function version(): string {
  const hash = createHash('sha256');
  for (const file of SOURCES) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex').slice(0, 12);
}
