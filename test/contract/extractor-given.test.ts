import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Box } from '../../src/domain/image.ts';
import type { GivenInput } from '../../src/domain/model-input.ts';
import type { Extractor, ExtractorInput } from '../../src/model/extractor.ts';
import { createHvpnetExtractor } from '../../src/model/hvpnet-extractor.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { detectorFile, whiteRectangle } from '../helpers/detector-graphs.ts';
import { BUNDLE, readManifest } from '../helpers/model-bundle.ts';
import { encode, loading, pattern } from '../helpers/model-pictures.ts';

const open = (detector?: string) =>
  createHvpnetExtractor({
    bundleDir: BUNDLE,
    workers: 1,
    device: 'cpu',
    telemetry: createTelemetry(createLogger('silent')),
    ...(detector && { detector }),
  });

const WORDS = ['Maria', 'Okonkwo', 'joined', 'Grape', 'Labs', 'in', 'Lisbon'];
const RECTANGLE: Box = [250, 40, 370, 160];
/** The same as shares of the 400 x 200 pixels. */
const REGION = [0.625, 0.2, 0.925, 0.8];
let extractor: Extractor;
let white: ReturnType<typeof loading>;

beforeAll(async () => {
  extractor = await open();
  white = loading(await encode(whiteRectangle([400, 200], RECTANGLE), 'png'));
});

afterAll(() => extractor[Symbol.asyncDispose]());

/** Scores of a text that is split already. */
async function scoresOf(given: GivenInput, options: Partial<ExtractorInput> = {}) {
  const text = (given.words ?? WORDS).join(' ');
  const { scores } = await extractor.extract({
    text,
    images: [],
    given: { words: WORDS, ...given },
    scores: true,
    ...options,
  });
  if (!scores) throw new Error('no scores');
  return scores;
}

describe('given words', () => {
  it('are read as they are: no web address becomes a word, no entity is decoded', async () => {
    const words = ['see', 'http://t.co/a', '&amp;', '', '\ufe0f', 'Lisbon'];
    const raw = await scoresOf({ words });
    expect(raw.first.map((piece) => piece < 0)).toEqual([false, false, false, true, true, false]);
    const read = await scoresOf({ words }, { normaliseWords: true });
    expect(raw.pieces).toBeGreaterThan(read.pieces);
    // [CLS] see http & Lisbon [SEP]
    expect([read.pieces, read.first]).toEqual([6, [1, 2, 3, -1, -1, 4]]);
  });

  it('keep mentions at their places in the joined text', async () => {
    const { mentions } = await extractor.extract({ text: WORDS.join(' '), images: [], given: { words: WORDS } });
    expect(mentions).toMatchObject([
      { start: 0, end: 13, text: 'Maria Okonkwo' },
      { start: 21, end: 31, text: 'Grape Labs' },
      { text: 'Lisbon', start: 35, end: 41 },
    ]);
  });

  it('never make a special token', async () => {
    const { pieces } = await scoresOf({ words: ['<s>', '[SEP]', '[CLS]'] });
    // < s > [ sep ] [ cl ##s ]
    expect(pieces).toBe(2 + 10);
  });
});

describe('scores', () => {
  it('have a row for each piece and a label for each step of the path', async () => {
    const { labels } = readManifest().ner;
    const { pieces, emissions, path, first } = await scoresOf({});
    expect(emissions).toHaveLength(pieces);
    for (const row of emissions) expect(row).toHaveLength(labels.length);
    expect(path).toHaveLength(pieces);
    expect(labels[path[first[0] as number] as number]).toBe('B-PER');
  });

  it('exist for a text without pieces', async () => {
    const { pieces, emissions, first } = await scoresOf({ words: ['\ufe0f'] });
    expect([pieces, emissions.length, first]).toEqual([2, 2, [-1]]);
  });

  it('are left out unless they are asked for', async () => {
    expect(await extractor.extract({ text: 'Ana Lima', images: [] })).not.toHaveProperty('scores');
  });
});

describe('given pairs', () => {
  const head = [0, 2] as const;
  const tail = [6, 7] as const;

  it('are classified in their order, whatever the types, as often as they come', async () => {
    const { relations } = await scoresOf({
      pairs: [
        { head, tail },
        { head: tail, tail: head },
        { head, tail },
      ],
    });
    expect(relations).toHaveLength(3);
    expect(relations[0]).toEqual(relations[2]);
    expect(relations[0]).not.toEqual(relations[1]);
    for (const row of relations) expect(row).toHaveLength(readManifest().re.labels.length);
  });

  it('are read without the pictures where the bundle says that these are of no use', async () => {
    const pairs = [{ head: [0, 2], tail: [3, 5] }] as const;
    expect(readManifest().re.pictures).toBe(false);
    const seen = await scoresOf({ pairs }, { images: [white] });
    expect(seen.relations).toEqual((await scoresOf({ pairs })).relations);
    expect(seen.emissions).not.toEqual((await scoresOf({ pairs })).emissions);
  });

  it('replace those of the post: an empty list means none', async () => {
    const output = await extractor.extract({ text: WORDS.join(' '), images: [], given: { words: WORDS, pairs: [] } });
    expect(output.relations).toEqual([]);
    expect((await scoresOf({ pairs: [] })).relations).toEqual([]);
  });

  it('bring in a mention that was not found when it is related', async () => {
    const all = Array.from({ length: WORDS.length }, (_, i) => [i, i + 1] as const);
    const pairs = all.flatMap((a) => all.filter((b) => b !== a).map((b) => ({ head: a, tail: b })));
    const output = await extractor.extract({ text: WORDS.join(' '), images: [], given: { words: WORDS, pairs } });
    const added = output.mentions.filter((mention) => mention.given);
    expect(added.length).toBeGreaterThan(0);
    for (const { head: a, tail: b } of output.relations) {
      expect(output.mentions[a]?.id).toBe(a);
      expect(output.mentions[b]?.id).toBe(b);
    }
  });
});

describe('given regions', () => {
  it('are read as slots of their own, in their order, cut to the picture', async () => {
    const picture = loading(await encode(pattern(120, 90), 'png'));
    const emissions = async (regions?: Box[]) =>
      (await scoresOf({ ...(regions && { regions }) }, { images: [picture] })).emissions;
    const [a, b]: Box[] = [
      [0, 0, 60, 90],
      [30, 10, 110, 80],
    ];
    if (!a || !b) throw new Error('no boxes');
    const none = await emissions([]);
    expect(await emissions()).toEqual(none);
    const one = await emissions([a]);
    expect(one).not.toEqual(none);
    expect(await emissions([a, b])).not.toEqual(await emissions([b, a]));
    expect(await emissions([[-50, -10, 60, 500]])).toEqual(one);
    // A box without pixels leaves its slot empty.
    expect(await emissions([[500, 500, 600, 600]])).toEqual(none);
    expect(await emissions([a])).toEqual(one);
  });

  it('belong to the first picture alone', async () => {
    const other = loading(await encode(pattern(50, 50), 'png'));
    const broken = loading(Buffer.from('no picture'));
    const alone = await scoresOf({ regions: [] }, { images: [other] });
    const second = await scoresOf({ regions: [[0, 0, 20, 20]] }, { images: [broken, other] });
    expect(second.emissions).toEqual(alone.emissions);
  });
});

describe('a region detector', () => {
  const square = { height: 640, width: 640 };
  const look = {
    input: square,
    boxFormat: 'cxcywh',
    coords: 'pixel',
    outputs: ['output0'],
    rows: 8400,
    transposed: true,
  } as const;

  it('finds what is read beside the whole picture; given regions take its place', async () => {
    const file = await detectorFile({ ...look, scores: [0.9, 0.1], emptyScores: [0, 0] });
    await using detecting = await open(file);
    const input = { text: WORDS.join(' '), images: [white], scores: true };
    const { scores: detected, images } = await detecting.extract(input);
    const { scores: given } = await extractor.extract({ ...input, given: { regions: [RECTANGLE] } });
    const { scores: whole } = await extractor.extract(input);
    expect(detected).toEqual(given);
    // A second time they come from the cache, and tell as much.
    for (const [image] of [images, (await detecting.extract(input)).images]) {
      expect(image).toMatchObject({ outcome: 'ok', regions: [REGION] });
    }
    expect(detected).not.toEqual(whole);
    const without = await detecting.extract({ ...input, given: { regions: [] } });
    expect(without.scores).toEqual(whole);
    expect(without.images[0]).not.toHaveProperty('regions');
  });

  it('is refused at the start when it is none', async () => {
    const file = await detectorFile({ ...look, scores: [0.9, 0.1], emptyScores: [0, 0] });
    await writeFile(file, 'not a graph');
    await expect(open(file)).rejects.toMatchObject({ code: 'BUNDLE_INVALID', message: expect.stringContaining(file) });
    await writeFile(`${file}.json`, '{"thresold": 0.5}');
    await expect(open(file)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
