import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Extractor, ExtractorInput, ExtractorOutput } from '../../src/model/extractor.ts';
import { createHvpnetExtractor } from '../../src/model/hvpnet-extractor.ts';
import type { Device } from '../../src/model/runtime/messages.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { BUNDLE, bundleWithout, GOLDEN, readManifest } from '../helpers/model-bundle.ts';
import { encode, loading, pattern } from '../helpers/model-pictures.ts';

const picture = (file: string) => loading(readFileSync(join(GOLDEN, 'image-transform', file)));
const broken = loading(Buffer.from('not a picture'));
const open = (bundleDir: string, device: Device = 'cpu') =>
  createHvpnetExtractor({ bundleDir, workers: 2, device, telemetry: createTelemetry(createLogger('silent')) });

const NAMES = [
  'Maria Okonkwo',
  'Jonas Lindqvist',
  'Ana Lima',
  'Grape Labs',
  'FC Porto',
  'Lisbon',
  'Tromsø',
  'the Harbour Festival',
];

/** Made-up posts of many lengths, some with pictures. */
function posts(): ExtractorInput[] {
  const pictures = [[], [picture('waves.png')], [], [broken, picture('alpha.png')], [picture('tall.png')]];
  return Array.from({ length: 30 }, (_, i) => {
    const name = (k: number) => NAMES[(i * 3 + k) % NAMES.length] as string;
    const tail = ' and so on'.repeat(i % 7);
    const text = `${name(0)} met ${name(1)} in ${name(2)}${tail} #${'grape'.repeat(i % 3)} 🔥 https://example.com/${i}`;
    return { text, images: pictures[i % pictures.length] ?? [] };
  });
}

function expectSame(actual: ExtractorOutput, expected: ExtractorOutput): void {
  // Bit for bit: in 8 bits a difference of one bit could grow into one of a label.
  expect(actual).toEqual(expected);
}

let extractor: Extractor;

beforeAll(async () => {
  extractor = await open(BUNDLE);
});

afterAll(() => extractor[Symbol.asyncDispose]());

describe('an extractor', () => {
  it('says which model it is', () => {
    const { name, generation, languages } = readManifest();
    expect(extractor.info).toEqual({ bundle: name, generation });
    expect(extractor.languages).toEqual(languages);
  });

  it('gives a post the same result alone and in any batch', async () => {
    const inputs = posts();
    const alone: ExtractorOutput[] = [];
    for (const input of inputs) alone.push(await extractor.extract(input));
    expect(alone.flatMap((output) => output.mentions).length).toBeGreaterThan(inputs.length);
    for (const step of [1, 7, 11]) {
      const order = inputs.map((_, i) => (i * step) % inputs.length);
      const together = await Promise.all(order.map((i) => extractor.extract(inputs[i] as ExtractorInput)));
      together.forEach((output, k) => expectSame(output, alone[order[k] as number] as ExtractorOutput));
    }
  });

  it('gives mentions whose spans are in the text, in order, and relations between them', async () => {
    for (const { text, images } of posts()) {
      const { mentions, relations } = await extractor.extract({ text, images });
      mentions.forEach((mention, i) => {
        expect(mention.id).toBe(i);
        expect(text.slice(mention.start, mention.end)).toBe(mention.text);
        expect(mention.start).toBeGreaterThanOrEqual(mentions[i - 1]?.end ?? 0);
        expect(mention.p).toBeGreaterThan(0);
        expect(mention.p).toBeLessThanOrEqual(1);
      });
      for (const { head, tail } of relations) {
        expect(mentions[head]).toBeDefined();
        expect(mentions[tail]).toBeDefined();
        expect(head).not.toBe(tail);
      }
    }
  });

  it('lets the picture change what it computes', async () => {
    const text = 'Maria Okonkwo opens the Lisbon harbour festival';
    const scores = async (images: ExtractorInput['images']) =>
      (await extractor.extract({ text, images })).mentions.map((mention) => mention.p);
    const none = await scores([]);
    expect(await scores([broken])).toEqual(none);
    expect(await scores([picture('waves.png')])).not.toEqual(none);
    expect(await scores([picture('alpha.png')])).not.toEqual(await scores([picture('waves.png')]));
  });

  it('uses the first picture it can read and names the outcome of each', async () => {
    const tiff = loading(await encode(pattern(8, 8), 'tiff'));
    const jpeg = await encode(pattern(64, 64), 'jpeg');
    const cut = loading(jpeg.subarray(0, jpeg.length - 200));
    const images = [tiff, cut, loading(jpeg), broken, picture('waves.png')];
    const output = await extractor.extract({ text: 'Ana Lima in Lisbon', images });
    expect(output.images.map((image) => image.outcome)).toEqual([
      'unsupported_format',
      'decode_error',
      'ok',
      'too_many_images',
      'too_many_images',
    ]);
    const [alone] = (await extractor.extract({ text: '', images: [picture('waves.png')] })).images;
    expect(alone).toMatchObject({ outcome: 'ok', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it('loads no picture after the one it uses, and says when the bytes of one are no longer needed', async () => {
    let held = 0;
    const counted = async () => {
      held++;
      const image = await picture('waves.png')();
      return 'bytes' in image ? { ...image, release: () => held-- } : image;
    };
    const never = async () => {
      throw new Error('it was loaded all the same');
    };
    await Promise.all(
      Array.from({ length: 20 }, () => extractor.extract({ text: 'Ana Lima', images: [counted, never] })),
    );
    expect(held).toBe(0);
  });

  it.each([
    ['nothing', ''],
    ['4,000 zero-width characters', '\u200b'.repeat(4_000)],
    ['combining marks only', '\u0301'.repeat(4_000)],
    ['lone surrogates', 'Ana \ud800 Lima \udc00 \ud83d Lisbon'],
    ['right-to-left overrides', '\u202eAna Lima\u202c מריה בליסבון'],
    ['special tokens and markers', '<s> Ana Lima </s> [SEP] <o> Lisbon </o> [CLS] [MASK]'],
    ['900 kB in one word', 'x'.repeat(900_000)],
    ['900 kB without end', 'Ana Lima met Jonas in Lisbon. '.repeat(30_000)],
    ['one word of many pieces', 'ab-'.repeat(3_000)],
  ])('reads %s', async (_, text) => {
    const { mentions } = await extractor.extract({ text, images: [] });
    for (const mention of mentions) expect(text.slice(mention.start, mention.end)).toBe(mention.text);
  });

  it('finds names on both sides of a window’s edge in a long text', async () => {
    const filler = 'we walked along the water for hours and then '.repeat(25);
    const text = `${filler}Maria Okonkwo flew to Lisbon ${filler}Jonas Lindqvist flew to Lisbon ${filler}`;
    const { mentions } = await extractor.extract({ text, images: [] });
    expect(mentions.map((mention) => mention.text)).toEqual(
      expect.arrayContaining(['Maria Okonkwo', 'Jonas Lindqvist', 'Lisbon']),
    );
  });
});

describe('starting an extractor', () => {
  it.each([
    'visual.onnx',
    'prefix.ner.onnx',
    'prefix.re.onnx',
    'text.ner.onnx',
    'text.re.onnx',
    'words.bin',
    'vocab.txt',
  ])('fails by name without %s', async (file) => {
    await expect(open(bundleWithout(file))).rejects.toMatchObject({
      code: 'BUNDLE_MISSING',
      message: expect.stringContaining(file),
    });
  });

  it('fails where the device is not there', async () => {
    await expect(open(BUNDLE, 'nowhere' as Device)).rejects.toMatchObject({
      code: 'MODEL_FAILED',
      message: expect.stringContaining('nowhere'),
    });
  });
});

describe('an extractor under load', () => {
  it('works on no more posts at once than it may, and answers all of them', async () => {
    await using limited = await createHvpnetExtractor({
      bundleDir: BUNDLE,
      workers: 1,
      device: 'cpu',
      telemetry: createTelemetry(createLogger('silent')),
      maxInFlight: 3,
    });
    // A post's first picture is loaded as soon as work on it begins.
    const begun: (() => void)[] = [];
    const gated = () =>
      new Promise<{ outcome: 'missing' }>((resolve) => begun.push(() => resolve({ outcome: 'missing' })));
    const answers = Promise.all(
      Array.from({ length: 20 }, () => limited.extract({ text: 'Ana Lima in Lisbon', images: [gated] })),
    );
    for (let done = 0; done < 20; done++) {
      while (begun.length === 0) await new Promise((resolve) => setImmediate(resolve));
      expect(begun.length).toBeLessThanOrEqual(3);
      begun.shift()?.();
    }
    expect(await answers).toHaveLength(20);
  });
});

describe('closing an extractor', () => {
  it('lets calls in progress end and refuses new ones', async () => {
    const closing = await open(BUNDLE);
    const running = posts().map((post) => closing.extract(post));
    const closed = closing[Symbol.asyncDispose]();
    await expect(closing.extract({ text: 'late', images: [] })).rejects.toMatchObject({ code: 'CLOSED' });
    expect(await Promise.all(running)).toHaveLength(30);
    await closed;
  });
});
