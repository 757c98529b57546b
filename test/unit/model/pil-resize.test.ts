import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../../src/model/preprocess/decode.ts';
import { normalise } from '../../../src/model/preprocess/normalise.ts';
import { resizeAndCrop } from '../../../src/model/preprocess/pil-resize.ts';
import { GOLDEN, readGolden, readManifest } from '../../helpers/model-bundle.ts';
import { pattern } from '../../helpers/model-pictures.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

interface Golden {
  readonly cases: readonly {
    readonly file: string;
    readonly cropSha256: string;
    readonly samples: readonly { readonly at: readonly [number, number, number]; readonly value: number }[];
  }[];
}

describe('resizing and cropping', () => {
  // Hashes of what Pillow gives for the same made-up picture. Pictures that are reduced and taller than 2:1 are left out: from
  // release 13 on Pillow makes the vertical pass first there, the paper's releases do not.
  it.each([
    [1, 1, '0a3f0ee9e3cbab26f89ed53b7b20e22cb985b650fd4c52ef57e4aeb27560d773'],
    [1, 50000, '723300d7ce15d05e0a8e5b27d2c383a9f3c04602841749bd08d29ede41956225'],
    [50000, 1, '08ccd9d4bf25e7245667e55dfd00fb055306cc30c80917bb96b9ff95300fd807'],
    [224, 224, 'd6368c5bb7cb723b1902506f6f097a3ef54f1595d2e8c2102fcf8cedde848b33'],
    [256, 300, 'a29baba92244190988e8074597b9dcf4cd347ea2223b230ce00226571f342c02'],
    [300, 256, '114c525e24a420b130ededd169cd559bf6988263adbc9701a88e6f6b77599e9a'],
    [505, 507, '07598ce7a13f63def2b8d09dd82c7a051fe4fc5f3228bac3d6c330c62528b4f9'],
    [640, 480, '70ceeb9a635401fb40bbe5c4ff7bd971ae054eb422f2abc3b793196745985671'],
    [1000, 37, '4a5660bd8c4eed5f03fae4543a62680596589738507a5427055af474428d8933'],
  ])('gives the pixels of Pillow for %i x %i', (width, height, expected) => {
    expect(sha256(resizeAndCrop(pattern(width, height), 256, 224))).toBe(expected);
  });

  const { cases } = readGolden<Golden>('image-transform/expected.json');

  it.each(cases)('gives the training side’s input for $file', async ({ file, cropSha256, samples }) => {
    const { image } = readManifest();
    const decoded = await decodeImage(readFileSync(join(GOLDEN, 'image-transform', file)), { exif: image.exif });
    if (!('image' in decoded)) throw new Error(decoded.outcome);
    const crop = resizeAndCrop(decoded.image, image.resize, image.crop);
    expect(sha256(crop)).toBe(cropSha256);
    const values = normalise(crop, image);
    for (const { at, value } of samples) {
      const [channel, row, column] = at;
      // Six decimals is what the fixture keeps.
      expect(values[(channel * image.crop + row) * image.crop + column]).toBeCloseTo(value, 5);
    }
  });
});
