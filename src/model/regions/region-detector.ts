import type { Box } from '../../domain/image.ts';
import type { RasterImage } from '../preprocess/pil-resize.ts';

/** Finds the regions of a picture that are worth a look of their own. */
export interface RegionDetector {
  /**
   * At most three boxes of the picture as given, whole numbers inside it and none of them empty, best first; equal scores are ordered by the boxes' coordinates, so that the
   * same picture always gives the same boxes in the same order. None is an answer, whatever the picture looks like.
   *
   * @throws {MODEL_FAILED} the detector itself failed
   */
  detect(image: RasterImage): Promise<readonly Box[]>;
}
