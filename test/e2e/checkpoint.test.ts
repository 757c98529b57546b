import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/folder.ts';
import { BUNDLE } from '../helpers/model-bundle.ts';
import { findPython } from '../helpers/python.ts';
import { bash, scriptsOf } from '../helpers/shell.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PYTHON = findPython() ?? '';

const POSTS = ['Maya Okoro joined Harbour Robotics', 'Jonas is in Lisbon with Ana', ''].map((text, i) =>
  JSON.stringify({ id: `${i}`, platform: 'x', text, author: { id: 'a' }, createdAt: '2026-05-15T09:00:00Z' }),
);
const VALID = 'IMGID:1\nMaya\tB-PER\nOkoro\tI-PER\n\nIMGID:2\nLisbon\tB-LOC';
const RELATIONS = Object.fromEntries(
  ['None', ...Array.from({ length: 22 }, (_, i) => `/${['per/org', 'per/loc', 'org/loc'][i % 3]}/r${i}`)].map(
    (name, id) => [name, id],
  ),
);
const VAL =
  "{'token': ['Maya', 'of', 'Lisbon'], 'h': {'name': 'Maya', 'pos': [0, 1]}, 't': {'name': 'Lisbon', 'pos': [2, 3]}, 'img_id': '1.jpg', 'relation': '/per/loc/r1'}\n";

/** A folder as docs/your-checkpoint.md describes it, with checkpoints of made-up weights. */
async function prepare(): Promise<string> {
  const folder = await temporaryFolder();
  await Promise.all(['ner', 're'].map((task) => mkdir(join(folder, task))));
  await copyFile(join(BUNDLE, 'vocab.txt'), join(folder, 'vocab.txt'));
  await writeFile(join(folder, 'ours_rel2id.json'), JSON.stringify(RELATIONS));
  await writeFile(join(folder, 'posts.jsonl'), `${POSTS.join('\n')}\n`);
  await writeFile(join(folder, 'valid.txt'), VALID);
  await writeFile(join(folder, 'val.txt'), VAL);
  return folder;
}

describe.skipIf(PYTHON === '')('a checkpoint of the paper’s code', () => {
  test('becomes a bundle, is checked and ingests, as the docs say', async () => {
    const MINE = await prepare();
    const make = ['ner', 're']
      .map((task) => `python -m training.generate --task ${task} --out "$MINE/${task}/best_model.pth"`)
      .join('\n');
    const script = [make, ...scriptsOf('docs/your-checkpoint.md')].join('\n');
    const { code, stdout, stderr } = await bash(script, ROOT, { MINE, PYTHON });
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    expect(stdout).toMatch(/text\.ner\.onnx: \d+ bytes, off by \d\.\d+e-\d+ from PyTorch/);
    expect(stdout).toMatch(/my-hvpnet, generation 1, fp32[\s\S]*examples {2}3[\s\S]*\nok\n/);
    expect(stdout).toMatch(/relations {2}22 types, pairs in canonical order/);
    expect(stdout).toMatch(/stored +3\n/);
    expect(stdout).toMatch(/2 posts\n/);
    expect(stdout).toMatch(/1 pairs\n/);
  });

  test.each([[[]], [['--text-only']]])('gives what the paper computes, to 1e-4 %j', async (flags) => {
    const { code, stdout, stderr } = await bash(`python -m training.parity ${flags.join(' ')}`, ROOT, { PYTHON });
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    expect(stdout).toMatch(/12 posts and 18 pairs: off by/);
  });
});
