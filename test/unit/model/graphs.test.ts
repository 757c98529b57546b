import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeCrf } from '../../../src/model/hvpnet/crf.ts';
import type { Span } from '../../../src/model/hvpnet/decode-mentions.ts';
import { nerRow } from '../../../src/model/hvpnet/ner-input.ts';
import { reRow } from '../../../src/model/hvpnet/re-input.ts';
import { prefixLength, type Task } from '../../../src/model/manifest.ts';
import { packBatch, type TextRow, unpackBatch } from '../../../src/model/pack-batch.ts';
import { decodeImage } from '../../../src/model/preprocess/decode.ts';
import { normalise } from '../../../src/model/preprocess/normalise.ts';
import { resizeAndCrop } from '../../../src/model/preprocess/pil-resize.ts';
import { Graphs } from '../../../src/model/runtime/graphs.ts';
import type { Device, Prefix, Prefixes } from '../../../src/model/runtime/messages.ts';
import { type EncodedPost, encodeWords, firstPiece } from '../../../src/model/tokenizer/encode-post.ts';
import { BUNDLE, bundleWithout, GOLDEN, readGolden, readManifest, readTokenizer } from '../../helpers/model-bundle.ts';
import { toPrefix } from '../../helpers/model-prefix.ts';

// The training side computes the same graphs with another build of onnxruntime on another machine: the last bits differ. Design,
// invariant 8, allows 1e-4; the fixtures are rounded to five decimals.
// The fixture comes from another build of onnxruntime, perhaps from another processor: a last bit can move an 8-bit step.
const ATOL = 0.5;

interface Sample {
  readonly stride: number;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

interface Golden {
  readonly bundle: Readonly<Record<string, string>>;
  readonly pictures: readonly { readonly file: string | null; readonly prefix: Readonly<Record<Task, Sample>> }[];
  readonly ner: readonly (Case & {
    readonly firsts: number[];
    readonly emissions: number[][];
    readonly path: number[];
  })[];
  readonly re: readonly (Case & {
    readonly first: [number, number];
    readonly second: [number, number];
    readonly headPosition: number;
    readonly tailPosition: number;
    readonly logits: number[];
  })[];
}

interface Case {
  readonly words: string[];
  readonly images: (string | null)[];
  readonly ids: number[];
}

// What each graph gives, also where a service leaves the pictures out.
const shipped = readManifest();
const manifest = { ...shipped, re: { ...shipped.re, pictures: true } };
const tokenizer = readTokenizer(manifest);
const golden = readGolden<Golden>('model.json');
const prefixes = new Map<string | null, Prefixes>();
let graphs: Graphs;

beforeAll(async () => {
  graphs = await Graphs.load({ dir: BUNDLE, manifest, device: 'cpu' });
  for (const { file } of golden.pictures) {
    prefixes.set(file, file === null ? await graphs.empty() : await graphs.picture(await pixelsOf(file)));
  }
});

async function pixelsOf(file: string): Promise<Float32Array> {
  const { image } = manifest;
  const decoded = await decodeImage(readFileSync(join(GOLDEN, 'image-transform', file)), { exif: image.exif });
  if (!('image' in decoded)) throw new Error(decoded.outcome);
  return normalise(resizeAndCrop(decoded.image, image.resize, image.crop), image);
}

/** The fixture's words as a post; how a post becomes words is tested elsewhere. */
function postOf(words: readonly string[]): EncodedPost {
  return encodeWords(words, tokenizer, manifest.text, true);
}

const slotsOf = (task: Task, images: readonly (string | null)[]): Prefix[] =>
  images.map((file) => prefixes.get(file)?.[task] as Prefix);

const run = (task: Task, rows: readonly TextRow[]) =>
  graphs.text(packBatch(rows, { task, manifest, empty: prefixes.get(null)?.[task] }));

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  const off = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (actual[i] as number))), 0);
  expect(off).toBeLessThanOrEqual(ATOL);
}

describe('the graphs of the shipped bundle', () => {
  it('are those the golden values were made from', () => {
    const hashes = Object.entries(manifest.files).map(([name, { sha256 }]) => [name, sha256]);
    expect(Object.fromEntries(hashes)).toEqual(golden.bundle);
  });

  it.each(golden.pictures)('give the golden prefixes for $file', ({ file, prefix }) => {
    for (const task of ['ner', 're'] as const) {
      const values = prefixes.get(file)?.[task] as Prefix;
      const { stride, shape, values: expected } = prefix[task];
      expect(values.length).toBe(shape.reduce((product, size) => product * size, 1));
      expectClose(
        expected.map((_, i) => values[i * stride] as number),
        expected,
      );
    }
  });

  it.each(golden.ner)(
    'give the golden emissions for $words with $images',
    async ({ words, images, ids, firsts, emissions, path }) => {
      const post = postOf(words);
      const row = nerRow(
        manifest.ner.letterCase ? post.cased : post.pieces,
        { start: 0, end: post.pieces.length },
        manifest.tokenizer,
      );
      expect([...row]).toEqual(ids);
      expect(words.map((_, word) => firstPiece(post, word))).toEqual(
        firsts.map((first) => (first < 0 ? -1 : first - 1)),
      );
      const output = await run('ner', [{ ids: row, slots: slotsOf('ner', images) }]);
      expectClose(output, emissions.flat());
      expect([...decodeCrf(output, manifest.ner.crf).path]).toEqual(path);
    },
  );

  it.each(golden.re)(
    'give the golden logits for $words with $images',
    async ({ words, images, first, second, ...expected }) => {
      const span = ([firstWord, endWord]: [number, number]): Span => ({
        type: '',
        start: 0,
        end: 0,
        firstWord,
        endWord,
        p: 1,
      });
      const { cls, sep, markers } = manifest.tokenizer;
      const row = reRow(postOf(words), span(first), span(second), { ...manifest.re, cls, sep, markers });
      expect([...row.ids]).toEqual(expected.ids);
      expect([row.head, row.tail]).toEqual([expected.headPosition, expected.tailPosition]);
      expectClose(await run('re', [{ ...row, slots: slotsOf('re', images) }]), expected.logits);
    },
  );

  it('read the pictures: other pictures, another order and none give other emissions', async () => {
    const { ids } = golden.ner[0] as Golden['ner'][number];
    const emissions = async (images: (string | null)[]) =>
      run('ner', [{ ids: Int32Array.from(ids), slots: slotsOf('ner', images) }]);
    const [none, empty, one, other] = await Promise.all(
      [[], [null, null, null, null], ['waves.png'], ['alpha.png']].map(emissions),
    );
    expect(empty).toEqual(none);
    expect(one).not.toEqual(none);
    expect(other).not.toEqual(one);
  });

  const texts = [12, 40, 3, 27, 40].map((length, row) =>
    Int32Array.from({ length }, (_, i) =>
      i === 0 ? 101 : i === length - 1 ? 102 : 1000 + ((row * 977 + i * 131) % 20_000),
    ),
  );

  it.each(['ner', 're'] as const)(
    'give a row the same bits alone, mixed and beside a row that is not a number: %s',
    async (task) => {
      const poisoned = toPrefix(new Float32Array(prefixLength(manifest)).fill(Number.NaN));
      const pictures = [undefined, 'waves.png', undefined, 'alpha.png', 'tall.png'];
      const rows: TextRow[] = texts.map((ids, i) => {
        const picture = pictures[i];
        return { ids, slots: picture ? slotsOf(task, [picture]) : [], head: 1, tail: 2 };
      });
      const width = task === 'ner' ? manifest.ner.labels.length : manifest.re.labels.length;
      const bitsOf = async (batch: readonly TextRow[]) => {
        const output = await run(task, batch);
        return unpackBatch({ task, rows: batch.length }, batch, output, width).map((row) => [
          ...new Uint32Array(row.slice().buffer),
        ]);
      };
      const alone = [];
      for (const row of rows) alone.push((await bitsOf([row]))[0]);
      expect(await bitsOf(rows)).toEqual(alone);
      const bad: TextRow = { ...(rows[1] as TextRow), slots: [poisoned] };
      const beside = await bitsOf([rows[0] as TextRow, bad, rows[3] as TextRow, rows[2] as TextRow]);
      expect([beside[0], beside[2], beside[3]]).toEqual([alone[0], alone[3], alone[2]]);
      const [, nothing] = unpackBatch(
        { task, rows: 2 },
        [rows[0] as TextRow, bad],
        await run(task, [rows[0] as TextRow, bad]),
        width,
      );
      expect(nothing?.some((value) => Number.isNaN(value))).toBe(true);
    },
  );

  it('fail by name when a graph vanished after the bundle was opened', async () => {
    const dir = bundleWithout('text.re.onnx');
    await expect(Graphs.load({ dir, manifest, device: 'cpu' })).rejects.toMatchObject({
      code: 'MODEL_FAILED',
      message: expect.stringContaining('text.re.onnx'),
    });
  });

  it('say so when a device is not there', async () => {
    await expect(Graphs.load({ dir: BUNDLE, manifest, device: 'nowhere' as Device })).rejects.toMatchObject({
      code: 'MODEL_FAILED',
      message: expect.stringMatching(/visual\.onnx on nowhere: /su),
    });
  });
});
