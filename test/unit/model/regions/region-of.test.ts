import { expect, test } from 'vitest';
import { regionOf } from '../../../../src/model/regions/region-of.ts';

test.each([
  [
    [0, 0, 640, 480],
    [0, 0, 1, 1],
  ],
  [
    [160, 120, 480, 240],
    [0.25, 0.25, 0.75, 0.5],
  ],
  [
    [1, 1, 2, 2],
    [0.0016, 0.0021, 0.0031, 0.0042],
  ],
] as const)('the box %j of 640 x 480 pixels is %j', (box, region) => {
  expect(regionOf(box, { width: 640, height: 480 })).toEqual(region);
});
