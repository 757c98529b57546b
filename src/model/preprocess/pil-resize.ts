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
  /** All weights one after the other; those of an index are at starts[index] up to starts[index + 1]. */
  readonly weights: Int32Array;
  readonly starts: Int32Array;
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
  const starts = new Int32Array(crop + 1);
  const weights: number[] = [];
  let [low, high] = [input, 0];
  for (let i = 0; i < crop; i++) {
    const center = (offset + i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const end = Math.min(input, Math.trunc(center + support + 0.5));
    from[i] = first;
    for (const weight of axisWeights(first, end, center, support)) weights.push(weight);
    starts[i + 1] = weights.length;
    low = Math.min(low, first);
    high = Math.max(high, end);
  }
  return { from, weights: Int32Array.from(weights), starts, low, high };
}

function axisWeights(first: number, end: number, center: number, support: number): number[] {
  const inverse = 1 / support;
  const raw: number[] = [];
  let total = 0;
  for (let i = 0; i < end - first; i++) {
    const weight = Math.max(0, 1 - Math.abs((i + first - center + 0.5) * inverse));
    raw.push(weight);
    total += weight;
  }
  return raw.map((weight) => Math.trunc((total === 0 ? weight : weight / total) * (1 << PRECISION) + 0.5));
}

/** First pass: the crop's columns of the rows that the second pass reads, [rows, crop, 3]. */
function horizontal(image: RasterImage, columns: AxisPlan, rows: AxisPlan): Uint8Array {
  const { data, width, channels } = image;
  const { from, weights, starts } = columns;
  const crop = from.length;
  const out = new Uint8Array((rows.high - rows.low) * crop * 3);
  const [g, b] = channels < 3 ? [0, 0] : [1, 2];
  let to = 0;
  for (let y = rows.low; y < rows.high; y++) {
    const row = y * width;
    for (let x = 0; x < crop; x++) {
      let at = (row + (from[x] as number)) * channels;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      const end = starts[x + 1] as number;
      // Sums fit 32 bits: saying so keeps the engine from checking each.
      for (let i = starts[x] as number; i < end; i++, at += channels) {
        const weight = weights[i] as number;
        red = (red + Math.imul(data[at] as number, weight)) | 0;
        green = (green + Math.imul(data[at + g] as number, weight)) | 0;
        blue = (blue + Math.imul(data[at + b] as number, weight)) | 0;
      }
      out[to] = clip(red);
      out[to + 1] = clip(green);
      out[to + 2] = clip(blue);
      to += 3;
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
    sums.fill(HALF);
    let at = ((rows.from[y] as number) - rows.low) * line;
    const end = rows.starts[y + 1] as number;
    for (let i = rows.starts[y] as number; i < end; i++) {
      const weight = rows.weights[i] as number;
      for (let x = 0; x < line; x++) sums[x] = (sums[x] as number) + Math.imul(rowsOfCrop[at + x] as number, weight);
      at += line;
    }
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
