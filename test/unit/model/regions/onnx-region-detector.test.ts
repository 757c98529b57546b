import { describe, expect, it } from 'vitest';
import type { Box } from '../../../../src/domain/image.ts';
import type { DetectorSettings } from '../../../../src/model/regions/detector-settings.ts';
import { OnnxRegionDetector } from '../../../../src/model/regions/onnx-region-detector.ts';
import { type DetectorLook, detectorFile, whiteRectangle } from '../../../helpers/detector-graphs.ts';

const WIDTH = 400;
const HEIGHT = 200;
const RECTANGLE: Box = [250, 40, 370, 160];

/** A family: how its file looks, where a box of the picture lies in its input, how it writes a probability. */
interface Family {
  readonly name: string;
  readonly settings?: DetectorSettings;
  readonly look: Omit<DetectorLook, 'scores' | 'emptyScores'>;
  readonly toInput: (box: Box) => Box;
  readonly scores: (p: number) => number[];
  readonly empty: readonly number[];
  readonly threshold: number;
}

const scaled =
  (x: number, y: number, down = 0) =>
  (box: Box): Box => [box[0] * x, box[1] * y + down, box[2] * x, box[3] * y + down];
const letterbox = scaled(1.6, 1.6, 160);
const stretch = scaled(1.6, 3.2);
const square = { height: 640, width: 640 };
const logit = (p: number) => Math.log(p / (1 - p));
const classes = (p: number, count: number) => [p, ...Array.from({ length: count - 1 }, () => p / 2)];
const yolo = { input: square, boxFormat: 'cxcywh', coords: 'pixel', toInput: letterbox, threshold: 0.25 } as const;

const families: readonly Family[] = [
  {
    ...yolo,
    name: 'YOLOv5',
    look: { ...yolo, outputs: ['output0'], rows: 25_200 },
    scores: (p) => [Math.sqrt(p), ...classes(Math.sqrt(p), 3)],
    empty: [0, 1, 1, 1],
  },
  {
    ...yolo,
    name: 'YOLOv8',
    look: { ...yolo, outputs: ['output0'], rows: 8400, transposed: true },
    scores: (p) => classes(p, 80),
    empty: classes(0, 80),
  },
  {
    ...yolo,
    name: 'YOLOv8 of two classes, sizes left open',
    look: { ...yolo, input: {}, outputs: ['output0'], rows: 8400, transposed: true, open: true },
    scores: (p) => [p / 2, p],
    empty: [0, 0],
  },
  {
    ...yolo,
    name: 'end to end, corners in pixels',
    look: { ...yolo, boxFormat: 'xyxy', outputs: ['output0'], rows: 300 },
    scores: (p) => [p, 7],
    empty: [0, 0],
  },
  {
    name: 'end to end, centres in shares',
    settings: { boxFormat: 'cxcywh', coords: 'normalized', resize: 'stretch' },
    look: { input: square, boxFormat: 'cxcywh', coords: 'normalized', outputs: ['output0'], rows: 300 },
    toInput: stretch,
    scores: (p) => [p, 7],
    empty: [0, 0],
    threshold: 0.25,
  },
  {
    name: 'RT-DETR that scales its boxes',
    look: {
      input: square,
      boxFormat: 'xyxy',
      coords: 'target',
      outputs: ['boxes', 'scores'],
      rows: 300,
      flatScores: true,
      open: true,
    },
    toInput: stretch,
    scores: (p) => [p],
    empty: [0],
    threshold: 0.6,
  },
  {
    name: 'RT-DETR with logits',
    look: {
      input: { name: 'pixel_values' },
      boxFormat: 'cxcywh',
      coords: 'normalized',
      outputs: ['pred_boxes', 'logits'],
      rows: 300,
      open: true,
    },
    toInput: stretch,
    // The best class is the last one: it must not be taken for "no object".
    scores: (p) => [-9, logit(p)],
    empty: [-9, -9],
    threshold: 0.6,
  },
  {
    name: 'DETR',
    look: {
      input: { name: 'pixel_values' },
      mask: ['height', 'width'],
      boxFormat: 'cxcywh',
      coords: 'normalized',
      outputs: ['pred_boxes', 'logits'],
      rows: 100,
      open: true,
      bright: 1.5,
    },
    toInput: scaled(1333 / WIDTH, 667 / HEIGHT),
    scores: (p) => [-20, logit(p), 0],
    empty: [0, 0, 20],
    threshold: 0.7,
  },
];

const picture = whiteRectangle([WIDTH, HEIGHT], RECTANGLE);

/** Loads a family's detector: the rectangle's probability and those of other boxes of the picture. */
async function load(family: Family, found: number, others: readonly { box: Box; p: number }[]) {
  const file = await detectorFile({
    ...family.look,
    scores: family.scores(found),
    emptyScores: family.empty,
    others: others.map(({ box, p }) => ({ box: family.toInput(box), scores: family.scores(p) })),
  });
  return OnnxRegionDetector.load({ file, settings: family.settings ?? {}, device: 'cpu' });
}

/** Edges are found between pixels of another size, and rounding goes outwards: a pixel may be added. */
function expectNear(boxes: readonly Box[], expected: readonly Box[], pixels = 1): void {
  expect(boxes).toHaveLength(expected.length);
  boxes.forEach((box, i) => {
    const off = box.map((side, at) => Math.abs(side - (expected[i]?.[at] as number)));
    expect(Math.max(...off), `box ${i} is ${box}, expected ${expected[i]}`).toBeLessThanOrEqual(pixels);
  });
}

describe.each(families)('a detector file of the family $name', (family) => {
  it('gives what it sees, in pixels of the picture: best first, three at most, neither small ones nor the same twice', async () => {
    const detector = await load(family, 0.85, [
      { box: [20, 120, 100, 190], p: 0.75 },
      { box: [10, 10, 110, 110], p: 0.9 },
      { box: [10, 10, 110, 108], p: 0.89 },
      { box: [120, 20, 140, 60], p: 0.99 },
      { box: [120, 80, 200, 180], p: 0.8 },
    ]);
    expectNear(await detector.detect(picture), [[10, 10, 110, 110], RECTANGLE, [120, 80, 200, 180]]);
  });

  it('gives nothing under the family’s threshold', async () => {
    const over: Box = [10, 10, 110, 110];
    const detector = await load(family, family.threshold - 0.02, [
      { box: over, p: family.threshold + 0.02 },
      { box: [120, 80, 200, 180], p: family.threshold - 0.02 },
    ]);
    expectNear(await detector.detect(picture), [over]);
  });
});

describe('a detector', () => {
  const [, yolov8] = families as [Family, Family];
  const detr = families.at(-1) as Family;
  const others = [{ box: [10, 10, 110, 110] as Box, p: 0.6 }];

  it('finds the rectangle where it is, in pictures of any shape', async () => {
    const file = await detectorFile({ ...yolov8.look, scores: classes(0.9, 80), emptyScores: yolov8.empty });
    for (const resize of ['letterbox', 'stretch'] as const) {
      const detector = await OnnxRegionDetector.load({ file, settings: { resize }, device: 'cpu' });
      const at = async (size: [number, number], box: Box) => detector.detect(whiteRectangle(size, box));
      expectNear(await at([200, 500], [30, 300, 150, 480]), [[30, 300, 150, 480]]);
      expectNear(await at([1600, 900], [800, 100, 1200, 700]), [[800, 100, 1200, 700]], 3);
      expectNear(await at([40, 40], [0, 0, 40, 40]), [[0, 0, 40, 40]]);
    }
  });

  it('orders by what the graph made of this picture', async () => {
    const slope = classes(0.8, 80);
    const file = await detectorFile({
      ...yolov8.look,
      scores: classes(0.3, 80),
      slope,
      emptyScores: yolov8.empty,
      others: [{ box: letterbox([10, 10, 110, 110]), scores: classes(0.6, 80) }],
    });
    const detector = await OnnxRegionDetector.load({ file, settings: {}, device: 'cpu' });
    expectNear(await detector.detect(whiteRectangle([WIDTH, HEIGHT], [300, 100, 340, 140])), [
      [10, 10, 110, 110],
      [300, 100, 340, 140],
    ]);
    expectNear(await detector.detect(whiteRectangle([WIDTH, HEIGHT], [0, 0, WIDTH, HEIGHT])), [
      [0, 0, WIDTH, HEIGHT],
      [10, 10, 110, 110],
    ]);
  });

  it.each([[['rows', 'columns']], [[64, 64]]] as const)(
    'shows all of the picture in the mask %j of DETR',
    async (mask) => {
      const scores = { scores: [-20, -1, 0], slope: [0, 2, 0], emptyScores: detr.empty };
      const file = await detectorFile({ ...detr.look, mask, ...scores });
      const detector = await OnnxRegionDetector.load({ file, settings: {}, device: 'cpu' });
      expect(await detector.detect(whiteRectangle([300, 300], [0, 0, 300, 300]))).toEqual([[0, 0, 300, 300]]);
    },
  );

  it('brings back boxes itself when a graph that could is given a letterbox', async () => {
    const rtDetr = families.find(({ look }) => look.coords === 'target') as Family;
    const detector = await load({ ...rtDetr, toInput: letterbox, settings: { resize: 'letterbox' } }, 0.9, others);
    expectNear(await detector.detect(picture), [RECTANGLE, [10, 10, 110, 110]]);
  });

  it('does what its settings say rather than what is usual', async () => {
    const boxes = async (settings: DetectorSettings) =>
      (await load({ ...yolov8, settings }, 0.9, others)).detect(picture);
    expectNear(await boxes({ threshold: 0.7 }), [RECTANGLE]);
    expectNear(await boxes({ maxRegions: 1 }), [RECTANGLE]);
    expectNear(await boxes({ minSize: 110 }), [RECTANGLE]);
    expectNear(await boxes({ iou: 0 }), [RECTANGLE, [10, 10, 110, 110]]);
    // Whitest is 1; with this mean and deviation nothing is over the graph's 0.7, so it takes all of its input.
    expectNear(await boxes({ mean: [0.5, 0.5, 0.5], std: [1, 1, 1], maxRegions: 1 }), [[0, 0, WIDTH, HEIGHT]]);
    // 0.9 as a logit is 0.71, the second class's 0.45 is less.
    expectNear(await boxes({ scores: 'sigmoid', threshold: 0.72 }), []);
    expectNear(await boxes({ scores: 'sigmoid', threshold: 0.7 }), [RECTANGLE]);
  });

  it('has nothing to say about absurd pictures, and does not fail', async () => {
    for (const family of [yolov8, detr]) {
      const detector = await load({ ...family, settings: { minSize: 1 } }, 0.9, []);
      for (const [width, height] of [
        [1, 50_000],
        [50_000, 1],
        [1, 1],
      ] as const) {
        const boxes = await detector.detect(whiteRectangle([width, height], [0, 0, width, height]));
        for (const box of boxes)
          expect(box[2] <= width && box[3] <= height && box[0] < box[2] && box[1] < box[3]).toBe(true);
      }
    }
    const usual = await load(yolov8, 0.9, others);
    expect(await usual.detect(whiteRectangle([1, 50_000], [0, 0, 1, 50_000]))).toEqual([]);
    expect(await usual.detect({ data: new Uint8Array(0), width: 0, height: 0, channels: 3 })).toEqual([]);
  });
});
