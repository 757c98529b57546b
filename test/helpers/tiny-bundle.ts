import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Manifest, parseManifest } from '../../src/model/manifest.ts';

/** A bundle of made-up float32 weights: both tasks, pictures, 300 kB. What it finds means nothing. */
export const TINY_BUNDLE = fileURLToPath(new URL('../fixtures/tiny-bundle', import.meta.url));

/** The tiny bundle's manifest. */
export function readTinyManifest(): Manifest {
  const result = parseManifest(JSON.parse(readFileSync(join(TINY_BUNDLE, 'manifest.json'), 'utf8')));
  if ('problem' in result) throw new Error(result.problem);
  return result.manifest;
}
