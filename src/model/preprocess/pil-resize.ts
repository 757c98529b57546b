/** Pixels as decoded: rows of interleaved 8-bit channels. */
export interface RasterImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** 1 grey, 2 grey + alpha, 3 RGB, 4 RGB + alpha or CMYK. */
  readonly channels: number;
}

/** For each output index: the first input index, and fixed-point weights from there on. */
interface AxisPlan {
  readonly from: Int32Array;
  readonly weights: readonly Int32Array[];
  /** Input range that any output needs. */
  readonly low: number;
  readonly high: number;
}

const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);

/**
 * The centre crop of a picture whose shorter side was resized, as Pillow and torchvision compute it, bit by bit: bilinear with
 * antialiasing, 22-bit weights, 8 bits between the two passes. uint8 [crop, crop, 3].
 *
 * The horizontal pass comes first, always: Pillow 13 turns the order round for some tall pictures, the paper's releases do not.
 * Only what the crop needs is computed, so the memory is bounded by the shorter side even for a picture of 1 x 50000.
 */
export function resizeAndCrop(image: RasterImage, resize: number, crop: number): Uint8Array {
  const { width, height } = image;
  const short = Math.min(width, height);
  const target = (side: number) => (side === short ? resize : Math.floor((resize * side) / short));
  const columns = planAxis(width, target(width), crop);
  const rows = planAxis(height, target(height), crop);
  return vertical(horizontal(image, columns, rows), rows, crop);
}

function planAxis(input: number, output: number, crop: number): AxisPlan {
  const scale = input / output;
  const support = Math.max(scale, 1);
  const offset = roundHalfEven((output - crop) / 2);
  const from = new Int32Array(crop);
  const weights: Int32Array[] = [];
  let [low, high] = [input, 0];
  for (let i = 0; i < crop; i++) {
    const center = (offset + i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const end = Math.min(input, Math.trunc(center + support + 0.5));
    from[i] = first;
    weights.push(axisWeights(first, end, center, support));
    low = Math.min(low, first);
    high = Math.max(high, end);
  }
  return { from, weights, low, high };
}

function axisWeights(first: number, end: number, center: number, support: number): Int32Array {
  const inverse = 1 / support;
  const raw: number[] = [];
  let total = 0;
  for (let i = 0; i < end - first; i++) {
    const weight = Math.max(0, 1 - Math.abs((i + first - center + 0.5) * inverse));
    raw.push(weight);
    total += weight;
  }
  return Int32Array.from(raw, (weight) => Math.trunc((total === 0 ? weight : weight / total) * (1 << PRECISION) + 0.5));
}

/** First pass: the crop's columns of the rows that the second pass reads, [rows, crop, 3]. */
function horizontal(image: RasterImage, columns: AxisPlan, rows: AxisPlan): Uint8Array {
  const { data, width, channels } = image;
  const crop = columns.from.length;
  const out = new Uint8Array((rows.high - rows.low) * crop * 3);
  const [g, b] = channels < 3 ? [0, 0] : [1, 2];
  let to = 0;
  for (let y = rows.low; y < rows.high; y++) {
    for (let x = 0; x < crop; x++) {
      const weights = columns.weights[x] as Int32Array;
      let at = (y * width + (columns.from[x] as number)) * channels;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let i = 0; i < weights.length; i++, at += channels) {
        const weight = weights[i] as number;
        red += (data[at] as number) * weight;
        green += (data[at + g] as number) * weight;
        blue += (data[at + b] as number) * weight;
      }
      out[to++] = clip(red);
      out[to++] = clip(green);
      out[to++] = clip(blue);
    }
  }
  return out;
}

/** Second pass over the first one's rows. */
function vertical(rowsOfCrop: Uint8Array, rows: AxisPlan, crop: number): Uint8Array {
  const line = crop * 3;
  const out = new Uint8Array(crop * line);
  const sums = new Int32Array(line);
  for (let y = 0; y < crop; y++) {
    const weights = rows.weights[y] as Int32Array;
    sums.fill(HALF);
    let at = ((rows.from[y] as number) - rows.low) * line;
    for (const weight of weights)
      for (let x = 0; x < line; x++) sums[x] = (sums[x] as number) + (rowsOfCrop[at++] as number) * weight;
    for (let x = 0; x < line; x++) out[y * line + x] = clip(sums[x] as number);
  }
  return out;
}

function clip(sum: number): number {
  return Math.min(255, sum >> PRECISION);
}

/** Python's round: halves go to the even neighbour. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
