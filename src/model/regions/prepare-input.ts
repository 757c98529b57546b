import type { RasterImage } from '../preprocess/pil-resize.ts';
import type { InputPlan } from './detector-plan.ts';

/** Grey around a letterboxed picture. */
const PADDING = 114;
/** Longest side of a `shortest-edge` input, as a multiple of the shortest. */
const MAX_ASPECT = 1333 / 800;
/** Pixels: what a network still can halve five times. */
const MIN_SIDE = 32;

/** Where in the graph's input the picture lies: input pixel = picture pixel * scale + offset. */
export interface Placement {
  /** Pixels of the input. */
  readonly width: number;
  readonly height: number;
  readonly scaleX: number;
  readonly scaleY: number;
  readonly offsetX: number;
  readonly offsetY: number;
}

/** A picture as a graph's input. */
export interface PreparedInput {
  /** float32 [3, height, width], RGB: values of 0..1, less the mean, over the standard deviation. */
  readonly pixels: Float32Array;
  readonly placement: Placement;
}

/** For each output pixel of an axis: where in the data the two input pixels are that it lies between, and the second one's share. */
interface Axis {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly share: Float32Array;
}

/**
 * Brings a picture to a graph's size: bilinear between pixel centres, without antialiasing, as the YOLO family is used.
 *
 * Nothing larger than the graph's input is allocated, whatever the picture's shape. Grey is replicated, alpha dropped.
 */
export function prepareInput(image: RasterImage, plan: InputPlan): PreparedInput {
  const [width, height] = plan.resize === 'shortest-edge' ? unpaddedSize(image, plan.width) : [plan.width, plan.height];
  const [innerWidth, innerHeight] = plan.resize === 'letterbox' ? innerSize(image, plan) : [width, height];
  const placement = {
    width,
    height,
    scaleX: innerWidth / image.width,
    scaleY: innerHeight / image.height,
    offsetX: Math.floor((width - innerWidth) / 2),
    offsetY: Math.floor((height - innerHeight) / 2),
  };
  const columns = planAxis(image.width, innerWidth, image.channels);
  const rows = planAxis(image.height, innerHeight, image.width * image.channels);
  const pixels = new Float32Array(3 * width * height);
  for (let channel = 0; channel < 3; channel++) {
    const [mean, std] = [plan.mean[channel] as number, plan.std[channel] as number];
    const plane = pixels.subarray(channel * width * height, (channel + 1) * width * height);
    plane.fill((PADDING / 255 - mean) / std);
    for (let y = 0; y < innerHeight; y++) {
      const start = (y + placement.offsetY) * width + placement.offsetX;
      const line = plane.subarray(start, start + innerWidth);
      fillLine(line, { data: image.data, channel: image.channels < 3 ? 0 : channel, columns, rows, y, mean, std });
    }
  }
  return { pixels, placement };
}

function innerSize(image: RasterImage, { width, height }: InputPlan): readonly [number, number] {
  const scale = Math.min(width / image.width, height / image.height);
  return [Math.max(1, Math.round(image.width * scale)), Math.max(1, Math.round(image.height * scale))];
}

function unpaddedSize(image: RasterImage, shortest: number): readonly [number, number] {
  const [short, long] = [Math.min(image.width, image.height), Math.max(image.width, image.height)];
  const scale = Math.min(shortest / short, (shortest * MAX_ASPECT) / long);
  return [Math.max(MIN_SIDE, Math.round(image.width * scale)), Math.max(MIN_SIDE, Math.round(image.height * scale))];
}

function planAxis(input: number, output: number, step: number): Axis {
  const axis = { low: new Int32Array(output), high: new Int32Array(output), share: new Float32Array(output) };
  for (let i = 0; i < output; i++) {
    const center = Math.min(input - 1, Math.max(0, ((i + 0.5) * input) / output - 0.5));
    const low = Math.floor(center);
    axis.low[i] = low * step;
    axis.high[i] = Math.min(input - 1, low + 1) * step;
    axis.share[i] = center - low;
  }
  return axis;
}

/** One line of one channel, from the two lines of the picture that it lies between. */
function fillLine(
  line: Float32Array,
  from: {
    readonly data: Uint8Array;
    readonly channel: number;
    readonly columns: Axis;
    readonly rows: Axis;
    readonly y: number;
    readonly mean: number;
    readonly std: number;
  },
): void {
  const { data, columns, rows, y, mean, std } = from;
  const upper = (rows.low[y] as number) + from.channel;
  const lower = (rows.high[y] as number) + from.channel;
  const down = rows.share[y] as number;
  const [scale, shift] = [1 / (255 * std), mean / std];
  for (let x = 0; x < line.length; x++) {
    const left = columns.low[x] as number;
    const right = columns.high[x] as number;
    const across = columns.share[x] as number;
    const above = (data[upper + left] as number) * (1 - across) + (data[upper + right] as number) * across;
    const below = (data[lower + left] as number) * (1 - across) + (data[lower + right] as number) * across;
    line[x] = (above * (1 - down) + below * down) * scale - shift;
  }
}
