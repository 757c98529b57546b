import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type Manifest, type NerPart, parseManifest, type RePart } from '../../src/model/manifest.ts';
import { parseVocabulary } from '../../src/model/tokenizer/vocabulary.ts';
import { WordPiece } from '../../src/model/tokenizer/wordpiece.ts';

/** The bundle that ships. */
export const BUNDLE = fileURLToPath(new URL('../../models/default', import.meta.url));

/** Folder of the golden fixtures, written by the training side from the same bundle. */
export const GOLDEN = fileURLToPath(new URL('../fixtures/golden', import.meta.url));

/** A golden fixture's content. */
export function readGolden<T>(file: string): T {
  return JSON.parse(readFileSync(join(GOLDEN, file), 'utf8')) as T;
}

/** The manifest of a bundle with both tasks. */
export type WholeManifest = Manifest & {
  readonly ner: NerPart;
  readonly re: RePart;
  readonly tokenizer: { readonly markers: NonNullable<Manifest['tokenizer']['markers']> };
};

/** The shipped bundle's manifest. */
export function readManifest(): WholeManifest {
  const result = parseManifest(JSON.parse(readFileSync(join(BUNDLE, 'manifest.json'), 'utf8')));
  if ('problem' in result) throw new Error(result.problem);
  return result.manifest as WholeManifest;
}

/** The shipped bundle's tokeniser. */
export function readTokenizer(manifest: Manifest = readManifest()): WordPiece {
  const { vocab, lowerCase, maxWordChars, unk } = manifest.tokenizer;
  const vocabulary = parseVocabulary(readFileSync(join(BUNDLE, vocab), 'utf8'));
  return new WordPiece({ vocabulary, lowerCase, maxWordChars, unk });
}

/** A folder with the shipped bundle's files, less some; it goes when the test ends. */
export function bundleWithout(...missing: string[]): string {
  const dir = mkdtempSync(join(tmpdir(), 'grapevine-bundle-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  for (const file of readdirSync(BUNDLE)) {
    if (!missing.includes(file)) symlinkSync(join(BUNDLE, file), join(dir, file));
  }
  return dir;
}
