import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Where an environment of `training/requirements.txt` may be: named, beside the clone as its README says, or CI's. */
const CANDIDATES = [
  process.env['GRAPEVINE_PYTHON'],
  fileURLToPath(new URL('../../../training-venv/bin/python', import.meta.url)),
  `${homedir()}/.cache/grapevine/training/bin/python`,
];

/** A Python that has what training needs; undefined, and a loud word about it, where there is none. */
export function findPython(): string | undefined {
  for (const python of CANDIDATES) {
    if (!python || !existsSync(python)) continue;
    const { status } = spawnSync(python, ['-c', 'import torch, onnx, onnxruntime, regex, PIL']);
    if (status === 0) return python;
  }
  process.stderr.write(
    '\nSKIPPED: every test that exports a checkpoint. It needs PyTorch: make the environment of training/README.md, or name its Python in GRAPEVINE_PYTHON.\n\n',
  );
  return undefined;
}
