import type { RasterImage } from '../preprocess/pil-resize.ts';

/** A rectangle in pixels of a decoded picture: whole numbers, x0 < x1 and y0 < y1, inside the picture, x1 and y1 exclusive. */
export type Box = readonly [x0: number, y0: number, x1: number, y1: number];

/** Finds the regions of a picture that are worth a look of their own. */
export interface RegionDetector {
  /**
   * At most three boxes of the picture as given, best first; equal scores are ordered by the boxes' coordinates, so that the
   * same picture always gives the same boxes in the same order. None is an answer, whatever the picture looks like.
   *
   * @throws {MODEL_FAILED} the detector itself failed
   */
  detect(image: RasterImage): Promise<readonly Box[]>;
}
