import { describe, expect, it } from 'vitest';
import type { RasterImage } from '../../../../src/model/preprocess/pil-resize.ts';
import type { InputPlan } from '../../../../src/model/regions/detector-plan.ts';
import { prepareInput } from '../../../../src/model/regions/prepare-input.ts';
import { pattern } from '../../../helpers/model-pictures.ts';

const plan = (change: Partial<InputPlan>): InputPlan => ({
  resize: 'stretch',
  width: 4,
  height: 4,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  ...change,
});

/** 0..255 of one channel, rounded. */
const bytes = (pixels: Float32Array, channel: number) => {
  const plane = pixels.length / 3;
  return Array.from(pixels.subarray(channel * plane, (channel + 1) * plane), (value) => Math.round(value * 255));
};

const picture = (width: number, height: number, channels: number, ...data: number[]): RasterImage => ({
  data: Uint8Array.from(data),
  width,
  height,
  channels,
});

describe('preparing a detector’s input', () => {
  it('keeps a picture of the right size as it is, channels first', () => {
    const image = pattern(5, 3);
    const { pixels, placement } = prepareInput(image, plan({ width: 5, height: 3 }));
    for (const channel of [0, 1, 2]) {
      expect(bytes(pixels, channel)).toEqual([...image.data].filter((_, i) => i % 3 === channel));
    }
    expect(placement).toEqual({ width: 5, height: 3, scaleX: 1, scaleY: 1, offsetX: 0, offsetY: 0 });
  });

  it('interpolates between pixel centres', () => {
    const { pixels } = prepareInput(picture(2, 1, 1, 0, 200), plan({ width: 4, height: 1 }));
    expect(bytes(pixels, 0)).toEqual([0, 50, 150, 200]);
    const { pixels: down } = prepareInput(picture(1, 2, 1, 0, 200), plan({ width: 1, height: 1 }));
    expect(bytes(down, 0)).toEqual([100]);
  });

  it('puts a letterboxed picture into the middle of grey', () => {
    const image = picture(2, 1, 3, 1, 2, 3, 1, 2, 3);
    const { pixels, placement } = prepareInput(image, plan({ resize: 'letterbox' }));
    expect(bytes(pixels, 2)).toEqual([114, 114, 114, 114, 3, 3, 3, 3, 3, 3, 3, 3, 114, 114, 114, 114]);
    expect(placement).toEqual({ width: 4, height: 4, scaleX: 2, scaleY: 2, offsetX: 0, offsetY: 1 });
  });

  it('scales the shorter side, and less when the longer one would be too long', () => {
    const shortest = plan({ resize: 'shortest-edge', width: 800, height: 800 });
    expect(prepareInput(pattern(40, 30), shortest).placement).toMatchObject({
      width: 1067,
      height: 800,
      scaleX: 1067 / 40,
    });
    expect(prepareInput(pattern(30, 60), shortest).placement).toMatchObject({ width: 667, height: 1333, offsetX: 0 });
  });

  it('takes the mean and divides by the deviation, grey padding too', () => {
    const values = { mean: [0.5, 0, 0.25], std: [0.25, 1, 0.5] } as const;
    const { pixels } = prepareInput(
      picture(2, 1, 3, 255, 255, 255, 255, 255, 255),
      plan({ resize: 'letterbox', ...values }),
    );
    const grey = 114 / 255;
    for (const [channel, expected] of [
      [0, 2],
      [1, 1],
      [2, 1.5],
    ] as const) {
      const { mean, std } = values;
      expect(pixels[channel * 16 + 4]).toBeCloseTo(expected, 6);
      expect(pixels[channel * 16]).toBeCloseTo((grey - (mean[channel] as number)) / (std[channel] as number), 6);
    }
  });

  it.each([
    ['grey', picture(1, 1, 1, 7), [7, 7, 7]],
    ['grey with alpha', picture(1, 1, 2, 7, 99), [7, 7, 7]],
    ['colour', picture(1, 1, 3, 1, 2, 3), [1, 2, 3]],
    ['colour with alpha', picture(1, 1, 4, 1, 2, 3, 99), [1, 2, 3]],
  ])('reads %s', (_, image, expected) => {
    const { pixels } = prepareInput(image, plan({ width: 1, height: 1 }));
    expect([0, 1, 2].map((channel) => bytes(pixels, channel)[0])).toEqual(expected);
  });

  it.each([
    [1, 50_000],
    [50_000, 1],
  ])('stays within the input for %i x %i', (width, height) => {
    for (const resize of ['letterbox', 'stretch', 'shortest-edge'] as const) {
      const { pixels, placement } = prepareInput(pattern(width, height), plan({ resize, width: 64, height: 64 }));
      expect(pixels.length).toBe(3 * placement.width * placement.height);
      expect(Math.max(placement.width, placement.height)).toBeLessThanOrEqual(107);
      expect(Math.min(placement.width, placement.height)).toBeGreaterThanOrEqual(32);
      expect(pixels.every(Number.isFinite)).toBe(true);
      expect(Object.values(placement).every(Number.isFinite)).toBe(true);
    }
  });
});
