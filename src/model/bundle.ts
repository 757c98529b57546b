import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { GrapevineError, messageOf } from '../errors.ts';
import { type Manifest, parseManifest } from './manifest.ts';

const MANIFEST = 'manifest.json';

/** A model's folder whose files are all there and unchanged. */
export interface Bundle {
  /** Absolute path of the folder. */
  readonly dir: string;
  readonly manifest: Manifest;
}

/**
 * Opens a bundle: reads its manifest and checks every file's length and sha256.
 *
 * @throws {BUNDLE_MISSING} the folder or a file is not there
 * @throws {BUNDLE_INVALID} the manifest cannot be read as one
 * @throws {BUNDLE_HASH} a file is not the one the manifest describes
 */
export async function openBundle(dir: string): Promise<Bundle> {
  const root = resolve(dir);
  const manifest = await readManifest(root);
  for (const [name, expected] of Object.entries(manifest.files)) await checkFile(root, name, expected);
  return { dir: root, manifest };
}

/** Hash of bytes as manifests and extractions write it, hex. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function readManifest(root: string): Promise<Manifest> {
  const folder = await stat(root).catch(() => undefined);
  if (!folder?.isDirectory()) {
    throw new GrapevineError(
      'BUNDLE_MISSING',
      `opening the bundle ${root}: there is no such folder; check the bundle path`,
    );
  }
  const source = await readFile(join(root, MANIFEST), 'utf8').catch((cause: unknown) => {
    throw missing(root, MANIFEST, cause);
  });
  const result = parseManifest(parseJson(source, root));
  if ('manifest' in result) return result.manifest;
  throw new GrapevineError(
    'BUNDLE_INVALID',
    `reading ${join(root, MANIFEST)}: it does not describe a bundle\n${result.problem}`,
  );
}

function parseJson(source: string, root: string): unknown {
  try {
    return JSON.parse(source);
  } catch (cause) {
    const reason = messageOf(cause);
    throw new GrapevineError('BUNDLE_INVALID', `reading ${join(root, MANIFEST)}: it is not JSON (${reason})`, {
      cause,
    });
  }
}

async function checkFile(root: string, name: string, expected: { bytes: number; sha256: string }): Promise<void> {
  const path = join(root, name);
  const found = await stat(path).catch((cause: unknown) => {
    throw missing(root, name, cause);
  });
  if (found.size !== expected.bytes) throw changed(path, `${expected.bytes} bytes`, `${found.size}`);
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash).catch((cause: unknown) => {
    throw missing(root, name, cause);
  });
  const actual = hash.digest('hex');
  if (actual !== expected.sha256) throw changed(path, `sha256 ${expected.sha256}`, actual);
}

function missing(root: string, name: string, cause: unknown): GrapevineError {
  const message = `opening the bundle ${root}: ${name} cannot be read (${messageOf(cause)}); export or copy the bundle again`;
  return new GrapevineError('BUNDLE_MISSING', message, { cause });
}

function changed(path: string, expected: string, actual: string): GrapevineError {
  const message = `checking ${path}: the manifest says ${expected}, the file has ${actual}; export or copy the bundle again`;
  return new GrapevineError('BUNDLE_HASH', message);
}
