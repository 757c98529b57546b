import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RasterImage } from '../../src/model/preprocess/pil-resize.ts';
import { temporaryFolder } from './folder.ts';
import { type OnnxConstant, type OnnxGraph, type OnnxNode, onnxModel, onnxType } from './onnx-model.ts';

/** A candidate that a made-up detector gives for every picture. */
export interface FixedCandidate {
  /** Two corners in pixels of the graph's input. */
  readonly box: readonly [number, number, number, number];
  readonly scores: readonly number[];
}

/** What a made-up detector looks like from outside. It really looks for a bright rectangle, its first candidate. */
export interface DetectorLook {
  readonly input?: { readonly name?: string; readonly height?: number; readonly width?: number };
  /** Sides of the input `pixel_mask`. */
  readonly mask?: readonly [height: number | string, width: number | string];
  /** One output of boxes and scores, or one for each; transposed means [1, columns, rows]. */
  readonly outputs: readonly [table: string] | readonly [boxes: string, scores: string];
  readonly transposed?: boolean;
  readonly boxFormat: 'xyxy' | 'cxcywh';
  /** `target` is pixels of the size that the input `orig_target_sizes` names. */
  readonly coords: 'pixel' | 'normalized' | 'target';
  /** Scores of the bright rectangle: these, and the slope times the mean brightness of the input. */
  readonly scores: readonly number[];
  readonly slope?: readonly number[];
  /** Input value that is bright. @default 0.7 */
  readonly bright?: number;
  readonly others?: readonly FixedCandidate[];
  /** Rows in all; the others are empty boxes with these scores. */
  readonly rows: number;
  readonly emptyScores: readonly number[];
  /** Whether scores are [1, rows] instead of [1, rows, classes]. */
  readonly flatScores?: boolean;
  /** Whether the outputs are declared without sizes. */
  readonly open?: boolean;
}

/** The file of a detector made for the test that runs; it goes when the test ends. */
export async function detectorFile(look: DetectorLook): Promise<string> {
  return graphFile(detectorGraph(look));
}

/** The file of any graph; it goes when the test ends. */
export async function graphFile(graph: OnnxGraph): Promise<string> {
  const file = join(await temporaryFolder(), 'detector.onnx');
  await writeFile(file, onnxModel(graph));
  return file;
}

/** A black picture with one white rectangle. */
export function whiteRectangle(
  size: readonly [width: number, height: number],
  [x0, y0, x1, y1]: readonly [number, number, number, number],
): RasterImage {
  const [width, height] = size;
  const data = new Uint8Array(width * height * 3);
  for (let y = y0; y < y1; y++) data.fill(255, (y * width + x0) * 3, (y * width + x1) * 3);
  return { data, width, height, channels: 3 };
}

function detectorGraph(look: DetectorLook): OnnxGraph {
  const { input = {}, outputs, coords, rows, transposed = false } = look;
  const picture = input.name ?? 'images';
  const classes = look.scores.length;
  const parts = [...bright(picture, look), ...brightness(picture, look), ...boxes(picture, look), ...scores(look)];
  const [first, second] = outputs;
  const size = (...sides: number[]) => (look.open ? sides.map((_, i) => `side${i}`) : sides);
  const nodes = parts.filter((part): part is OnnxNode => 'op' in part);
  if (second === undefined) nodes.push(...table(first, transposed));
  else nodes.push({ op: 'Identity', inputs: ['boxes*'], outputs: [first] });
  if (second !== undefined) nodes.push({ op: 'Reshape', inputs: ['scores*', 'scores:shape'], outputs: [second] });
  const scoresShape = look.flatScores ? [1, rows] : [1, rows, classes];
  return {
    inputs: [
      { name: picture, type: 'float32', shape: [1, 3, input.height ?? 'height', input.width ?? 'width'] },
      ...(coords === 'target' ? [{ name: 'orig_target_sizes', type: 'int64', shape: ['N', 2] } as const] : []),
      ...(look.mask ? [{ name: 'pixel_mask', type: 'int64', shape: ['N', ...look.mask] } as const] : []),
    ],
    outputs:
      second === undefined
        ? [
            {
              name: first,
              type: 'float32',
              shape: transposed ? size(1, 4 + classes, rows) : size(1, rows, 4 + classes),
            },
          ]
        : [
            { name: first, type: 'float32', shape: size(1, rows, 4) },
            { name: second, type: 'float32', shape: size(...scoresShape) },
          ],
    nodes,
    constants: [...parts.filter((part): part is OnnxConstant => 'data' in part), integers('scores:shape', scoresShape)],
  };
}

type Part = OnnxNode | OnnxConstant;

/** `found`, [1, 1, 4]: corners of the bright pixels; the whole picture when there are none. */
function bright(picture: string, { bright: limit = 0.7 }: DetectorLook): Part[] {
  const edge = (side: 'x' | 'y', last: number): Part[] => [
    {
      op: 'ArgMax',
      inputs: [`${side}:bright`],
      outputs: [`${side}${last}:index`],
      attributes: { axis: 1, keepdims: 1, select_last_index: last },
    },
    cast(`${side}${last}:index`, `${side}${last}:inside`),
    { op: 'Add', inputs: [`${side}${last}:inside`, `${last}`], outputs: [`${side}${last}`] },
  ];
  return [
    floats('limit', [], [limit]),
    floats('0', [], [0]),
    floats('1', [], [1]),
    ...(['x', 'y'] as const).flatMap((side): Part[] => [
      {
        op: 'ReduceMax',
        inputs: [picture],
        outputs: [`${side}:most`],
        attributes: { axes: side === 'x' ? [1, 2] : [1, 3], keepdims: 0 },
      },
      { op: 'Greater', inputs: [`${side}:most`, 'limit'], outputs: [`${side}:is`] },
      cast(`${side}:is`, `${side}:bright`),
      ...edge(side, 0),
      ...edge(side, 1),
    ]),
    concat(1, ['x0', 'y0', 'x1', 'y1'], 'corners'),
    integers('found:shape', [1, 1, 4]),
    { op: 'Reshape', inputs: ['corners', 'found:shape'], outputs: ['found'] },
  ];
}

/** `light`: the mean of the input's values, zero when the mask hides any of it. */
function brightness(picture: string, { mask }: DetectorLook): Part[] {
  const mean = { op: 'ReduceMean', inputs: [picture], attributes: { keepdims: 0 } };
  if (!mask) return [{ ...mean, outputs: ['light'] }];
  return [
    { ...mean, outputs: ['light:all'] },
    cast('pixel_mask', 'mask'),
    { op: 'ReduceMin', inputs: ['mask'], outputs: ['mask:least'], attributes: { keepdims: 0 } },
    { op: 'Mul', inputs: ['light:all', 'mask:least'], outputs: ['light'] },
  ];
}

/** `boxes*`, [1, rows, 4], in the format and unit of the look. */
function boxes(picture: string, { others = [], rows, boxFormat, coords }: DetectorLook): Part[] {
  const fixed = new Float32Array((rows - 1) * 4);
  others.forEach(({ box }, i) => fixed.set(box, i * 4));
  const toCenter = [0.5, 0, -1, 0, 0, 0.5, 0, -1, 0.5, 0, 1, 0, 0, 0.5, 0, 1];
  const [shares, scaled] = [coords === 'pixel' ? '' : 'boxes:shares', coords === 'target' ? 'boxes:scaled' : ''];
  return [
    { name: 'fixed', shape: [1, rows - 1, 4], data: fixed },
    concat(1, ['found', 'fixed'], 'boxes:corners'),
    floats('matrix', [4, 4], boxFormat === 'cxcywh' ? toCenter : identity()),
    { op: 'MatMul', inputs: ['boxes:corners', 'matrix'], outputs: ['boxes:pixels'] },
    ...(shares ? sides(picture) : []),
    ...(scaled ? target() : []),
    { op: 'Identity', inputs: [scaled || shares || 'boxes:pixels'], outputs: ['boxes*'] },
  ];
}

function sides(picture: string): Part[] {
  return [
    integers('width, height, twice', [3, 2, 3, 2]),
    { op: 'Shape', inputs: [picture], outputs: ['shape'] },
    { op: 'Gather', inputs: ['shape', 'width, height, twice'], outputs: ['sides:integers'], attributes: { axis: 0 } },
    cast('sides:integers', 'sides'),
    { op: 'Div', inputs: ['boxes:pixels', 'sides'], outputs: ['boxes:shares'] },
  ];
}

function target(): Part[] {
  return [
    cast('orig_target_sizes', 'target'),
    concat(1, ['target', 'target'], 'target:sides'),
    { op: 'Mul', inputs: ['boxes:shares', 'target:sides'], outputs: ['boxes:scaled'] },
  ];
}

/** `scores*`, [1, rows, classes]. */
function scores({ scores: base, slope, others = [], rows, emptyScores }: DetectorLook): Part[] {
  const fixed = Array.from({ length: rows - 1 }, (_, i) => others[i]?.scores ?? emptyScores).flat();
  return [
    floats('base', [1, 1, base.length], base),
    floats('slope', [1, 1, base.length], slope ?? base.map(() => 0)),
    floats('scores:fixed', [1, rows - 1, base.length], fixed),
    { op: 'Mul', inputs: ['slope', 'light'], outputs: ['rise'] },
    { op: 'Add', inputs: ['base', 'rise'], outputs: ['scores:found'] },
    concat(1, ['scores:found', 'scores:fixed'], 'scores*'),
  ];
}

function table(name: string, transposed: boolean): OnnxNode[] {
  if (!transposed) return [concat(2, ['boxes*', 'scores*'], name)];
  const turn = { op: 'Transpose', inputs: ['table'], outputs: [name], attributes: { perm: [0, 2, 1] } };
  return [concat(2, ['boxes*', 'scores*'], 'table'), turn];
}

function floats(name: string, shape: readonly number[], values: readonly number[]): OnnxConstant {
  return { name, shape, data: Float32Array.from(values) };
}

function integers(name: string, values: readonly number[]): OnnxConstant {
  return { name, shape: [values.length], data: BigInt64Array.from(values, BigInt) };
}

function cast(from: string, to: string): OnnxNode {
  return { op: 'Cast', inputs: [from], outputs: [to], attributes: { to: onnxType('float32') } };
}

function concat(axis: number, inputs: readonly string[], output: string): OnnxNode {
  return { op: 'Concat', inputs, outputs: [output], attributes: { axis } };
}

function identity(): number[] {
  return Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0));
}
