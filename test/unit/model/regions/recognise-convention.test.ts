import { describe, expect, it } from 'vitest';
import type { DetectorGraph, TensorSpec } from '../../../../src/model/regions/detector-plan.ts';
import type { DetectorSettings } from '../../../../src/model/regions/detector-settings.ts';
import { recogniseConvention } from '../../../../src/model/regions/recognise-convention.ts';

type Sides = readonly (number | string)[];

const tensors = (specs: Readonly<Record<string, Sides>>, type = 'float32'): TensorSpec[] =>
  Object.entries(specs).map(([name, shape]) => ({ name, type, shape }));

const IMAGES = tensors({ images: [1, 3, 640, 640] });
const PIXELS = tensors({ pixel_values: ['batch', 3, 'height', 'width'] });
const TARGET = tensors({ orig_target_sizes: ['N', 2] }, 'int64');
const MASK = tensors({ pixel_mask: ['batch', 64, 64] }, 'int64');

const graph = (inputs: readonly TensorSpec[], outputs: Readonly<Record<string, Sides>>): DetectorGraph => ({
  file: 'detector.onnx',
  inputs,
  outputs: tensors(outputs),
});
const single = (...sides: number[]) => graph(IMAGES, { output0: [1, ...sides] });
const queries = (count: number, classes: number, inputs = PIXELS) =>
  graph(inputs, { logits: [1, count, classes], pred_boxes: [1, count, 4] });
const recognise = (found: DetectorGraph, settings: DetectorSettings = {}) => recogniseConvention(found, settings);

describe('the convention', () => {
  it.each([
    ['yolov5', single(25_200, 85)],
    ['yolov5', single(25_200, 6)],
    ['yolov8', single(84, 8400)],
    ['yolov8', single(6, 8400)],
    ['yolov8', single(5, 8400)],
    ['end-to-end', single(300, 6)],
    ['end-to-end', single(0, 6)],
    ['rt-detr', graph([...IMAGES, ...TARGET], { labels: [1, 300], boxes: [1, 300, 4], scores: [1, 300] })],
    ['rt-detr', queries(300, 80)],
    ['detr', queries(100, 92, [...PIXELS, ...MASK])],
    ['detr', queries(100, 92)],
    ['detr', graph(PIXELS, { pred_logits: [1, 100, 92], pred_boxes: [1, 100, 4] })],
    ['detr', queries(300, 91, [...PIXELS, ...MASK])],
  ] as const)('is %s (case %#)', (expected, found) => {
    expect(recognise(found).convention).toBe(expected);
  });

  it('is what the settings say', () => {
    const turned = recognise(single(8400, 84), { convention: 'yolov8' }).output;
    expect(turned).toMatchObject({ firstClass: 4, endClass: 84, objectness: undefined, scores: { transposed: false } });
    const unclear = recognise(single(84, 84), { convention: 'yolov5' });
    expect(unclear.output).toMatchObject({ firstClass: 5, endClass: 84, objectness: 4 });
    expect(recognise(queries(300, 80), { convention: 'detr' }).input.resize).toBe('shortest-edge');
  });
});

describe('the plan', () => {
  it('is that of the family', () => {
    expect(recognise(single(6, 8400)).output).toEqual({
      boxes: { output: 'output0', columns: 6, transposed: true },
      scores: { output: 'output0', columns: 6, transposed: true },
      boxFormat: 'cxcywh',
      coords: 'input',
      firstClass: 4,
      endClass: 6,
      objectness: undefined,
      activation: 'none',
    });
    expect(recognise(single(300, 6)).output).toMatchObject({ boxFormat: 'xyxy', coords: 'input', endClass: 5 });
    const [rtDetr, detr] = [recognise(queries(300, 80)), recognise(queries(100, 92, [...PIXELS, ...MASK]))];
    expect(rtDetr.output).toMatchObject({ activation: 'sigmoid', endClass: 80, coords: 'normalized' });
    expect(rtDetr.input).toEqual({ resize: 'stretch', width: 640, height: 640, mean: [0, 0, 0], std: [1, 1, 1] });
    expect(detr.output).toMatchObject({ activation: 'softmax', endClass: 91, boxFormat: 'cxcywh' });
    expect(detr.input).toMatchObject({ resize: 'shortest-edge', width: 800, mean: [0.485, 0.456, 0.406] });
    expect(detr.policy).toEqual({ threshold: 0.7, iou: 0.6, minSize: 32, maxRegions: 3 });
    expect(recognise(queries(300, 91, [...PIXELS, ...MASK])).output).toMatchObject({
      activation: 'sigmoid',
      endClass: 91,
    });
  });

  it('follows the settings', () => {
    const settings = {
      boxFormat: 'cxcywh',
      coords: 'normalized',
      scores: 'sigmoid',
      resize: 'stretch',
      mean: [0.1, 0.2, 0.3],
      std: [1, 2, 3],
      inputSize: 640,
      threshold: 0.3,
      iou: 0.5,
      minSize: 20,
      maxRegions: 2,
    } satisfies DetectorSettings;
    const { input, output, policy } = recognise(single(300, 6), settings);
    expect(output).toMatchObject({ boxFormat: 'cxcywh', coords: 'normalized', activation: 'sigmoid' });
    expect(input).toEqual({ resize: 'stretch', width: 640, height: 640, mean: [0.1, 0.2, 0.3], std: [1, 2, 3] });
    expect(policy).toEqual({ threshold: 0.3, iou: 0.5, minSize: 20, maxRegions: 2 });
    expect(recognise(queries(100, 92), { scores: 'sigmoid' }).output.endClass).toBe(92);
    expect(recognise(queries(300, 81), { scores: 'softmax' }).output.endClass).toBe(80);
    expect(recognise(queries(300, 80), { inputSize: 512 }).input).toMatchObject({ width: 512, height: 512 });
  });

  it('takes the sides that a graph fixes', () => {
    const wide = graph(tensors({ images: [1, 3, 384, 640] }), { output0: [1, 84, 5040] });
    expect(recognise(wide).input).toMatchObject({ resize: 'letterbox', width: 640, height: 384 });
    const fixed = queries(100, 92, tensors({ pixel_values: [1, 3, 800, 1066] }));
    expect(recognise(fixed).input).toMatchObject({ resize: 'stretch', width: 1066, height: 800 });
  });

  it('leaves boxes of a graph that scales them as they are, unless the picture was padded', () => {
    const rtDetr = graph([...IMAGES, ...TARGET], { labels: [1, 300], boxes: [1, 300, 4], scores: [1, 300] });
    expect(recognise(rtDetr).output).toMatchObject({ coords: 'picture', boxFormat: 'xyxy', activation: 'none' });
    expect(recognise(rtDetr, { resize: 'letterbox' }).output.coords).toBe('input');
    expect(recognise({ ...rtDetr, inputs: IMAGES }).output.coords).toBe('input');
  });
});

describe('a refusal', () => {
  it.each<[string, DetectorGraph, DetectorSettings, RegExp]>([
    [
      'of unknown outputs',
      graph(IMAGES, { features: [1, 2048] }),
      {},
      /setting convention .*features float32 \[1, 2048\]/u,
    ],
    [
      'of mask prototypes',
      graph(IMAGES, { output0: [1, 116, 8400], output1: [1, 32, 160, 160] }),
      {},
      /no known detector/u,
    ],
    ['of sides that are alike', single(84, 100), {}, /not clear which side of output0.*setting convention/u],
    ['of a grid with one box a cell', single(8400, 85), {}, /objectness \(yolov5\) or not \(yolov8\); .*setting/u],
    [
      'of another convention',
      single(84, 8400),
      { convention: 'end-to-end' },
      /not those of the convention end-to-end/u,
    ],
    ['of too few columns', single(5, 25_200), { convention: 'yolov5' }, /not those of the convention yolov5/u],
    ['of decoded boxes as DETR', graph(IMAGES, { boxes: [1, 9, 4], scores: [1, 9] }), { convention: 'detr' }, /detr/u],
    ['of softmax without logits', single(84, 8400), { scores: 'softmax' }, /scores is softmax/u],
    ['of another size', single(84, 8400), { inputSize: 320 }, /inputSize is 320, images is fixed to 640 x 640/u],
    ['of a fixed shortest edge', single(84, 8400), { resize: 'shortest-edge' }, /shortest-edge, images has a fixed/u],
    ['of a text input', queries(900, 256, [...PIXELS, ...tensors({ input_ids: [1, 9] }, 'int64')]), {}, /text/u],
    ['of unknown inputs', queries(100, 92, [...PIXELS, ...tensors({ im_shape: [1, 2] })]), {}, /expected one input/u],
    ['of no inputs', queries(100, 92, []), {}, /expected one input/u],
    [
      'of channels last',
      graph(tensors({ x: [1, 640, 640, 3] }), { output0: [1, 84, 8400] }),
      {},
      /x is not float32 \[1, 3/u,
    ],
    [
      'of half precision',
      graph(tensors({ x: [1, 3, 64, 64] }, 'float16'), { o: [1, 84, 8400] }),
      {},
      /x is not float32/u,
    ],
    ['of a batch', graph(tensors({ x: [8, 3, 64, 64] }), { o: [8, 84, 8400] }), {}, /x is not float32 \[1, 3/u],
    [
      'of a short target size',
      queries(300, 80, [...PIXELS, ...tensors({ orig_target_sizes: [1, 2] })]),
      {},
      /expected int64/u,
    ],
    [
      'of half-precision outputs',
      { ...single(84, 8400), outputs: tensors({ output0: [1, 84, 8400] }, 'float16') },
      {},
      /output0 is float16, expected float32/u,
    ],
  ])('%s says what was found and what decides', (_, found, settings, message) => {
    let error: unknown;
    try {
      recognise(found, settings);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'BUNDLE_INVALID', message: expect.stringMatching(message) });
    expect(error).toMatchObject({
      message: expect.stringMatching(/^reading the detector detector\.onnx: .*inputs .*outputs /u),
    });
  });
});
