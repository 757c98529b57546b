import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBundle } from '../../../src/model/bundle.ts';
import { parseManifest } from '../../../src/model/manifest.ts';
import { BUNDLE, bundleWithout, readManifest } from '../../helpers/model-bundle.ts';

const raw = () => JSON.parse(readFileSync(join(BUNDLE, 'manifest.json'), 'utf8'));

/** The problem of a manifest after a change. */
function problem(change: (manifest: ReturnType<typeof raw>) => void): string {
  const manifest = raw();
  change(manifest);
  const result = parseManifest(manifest);
  return 'problem' in result ? result.problem : '';
}

describe('opening a bundle', () => {
  it('gives the shipped manifest', async () => {
    const bundle = await openBundle(BUNDLE);
    expect(bundle.manifest.name).toBe(raw().name);
    expect(bundle.dir).toBe(BUNDLE);
  });

  it('names a folder that is missing, or is none', async () => {
    await expect(openBundle('/no/such/bundle')).rejects.toMatchObject({
      code: 'BUNDLE_MISSING',
      message: expect.stringContaining('/no/such/bundle'),
    });
    await expect(openBundle(join(BUNDLE, 'vocab.txt'))).rejects.toMatchObject({ code: 'BUNDLE_MISSING' });
    await expect(openBundle(bundleWithout('manifest.json'))).rejects.toMatchObject({
      code: 'BUNDLE_MISSING',
      message: expect.stringContaining('manifest.json'),
    });
  });

  it.each(Object.keys(readManifest().files))('names %s when it is missing', async (file) => {
    await expect(openBundle(bundleWithout(file))).rejects.toMatchObject({
      code: 'BUNDLE_MISSING',
      message: expect.stringContaining(file),
    });
  });

  it('names a file that was changed, whether its length did or not', async () => {
    const vocab = readFileSync(join(BUNDLE, 'vocab.txt'), 'utf8');
    for (const changed of [`${vocab}x\n`, vocab.replace('[unused5]', '[unusedX]')]) {
      const dir = bundleWithout('vocab.txt');
      writeFileSync(join(dir, 'vocab.txt'), changed);
      await expect(openBundle(dir)).rejects.toMatchObject({
        code: 'BUNDLE_HASH',
        message: expect.stringContaining('vocab.txt'),
      });
    }
  });

  it('says where a manifest is wrong', async () => {
    const dir = bundleWithout('manifest.json');
    writeFileSync(join(dir, 'manifest.json'), '{"schema": 2,');
    await expect(openBundle(dir)).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      message: expect.stringContaining('not JSON'),
    });
    rmSync(join(dir, 'manifest.json'));
    writeFileSync(join(dir, 'manifest.json'), '{"schema": 1}');
    await expect(openBundle(dir)).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      message: expect.stringContaining('another version'),
    });
  });

  it('sees contradictions', () => {
    expect(problem(() => {})).toBe('');
    expect(problem((m) => delete m.files['text.re.onnx'])).toContain('text.re.onnx');
    expect(problem((m) => m.ner.crf.start.pop())).toContain('crf');
    expect(problem((m) => m.re.labels.shift())).toContain('None');
    expect(problem((m) => (m.size.images = 3))).toContain('headsPerImage');
    expect(problem((m) => (m.image.crop = 300))).toContain('crop');
    expect(problem((m) => delete m.ner.empty)).toContain('go together');
    expect(problem((m) => delete m.tokenizer.markers)).toContain('markers');
    expect(problem((m) => (m.tokenizer.markers.tailEnd = 65_536))).toContain('letter case');
    expect(problem((m) => (delete m.ner, delete m.re))).toContain('neither');
    expect(problem((m) => delete m.re)).toBe('');
    expect(problem((m) => (m.files['../x'] = m.files['vocab.txt']))).toContain('../x');
  });
});
