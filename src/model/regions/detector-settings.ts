import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { GrapevineError, messageOf } from '../../errors.ts';

const share = z.number().min(0).max(1);
const positive = z.number().positive();

/**
 * What a user may say about a detector file; all of it is optional, and what is not said is recognised or has a default.
 *
 * Unknown names are refused, so that a mistyped setting is not silently without effect.
 */
export const detectorSettings = z.strictObject({
  /** The family whose rules apply to the graph's outputs. */
  convention: z.enum(['yolov5', 'yolov8', 'end-to-end', 'rt-detr', 'detr']).optional(),
  /** Two corners, or the centre and the size. */
  boxFormat: z.enum(['xyxy', 'cxcywh']).optional(),
  /** Whether coordinates are pixels or shares of the width and height. */
  coords: z.enum(['pixel', 'normalized']).optional(),
  /** What turns scores into probabilities; softmax means that the last class is "no object". */
  scores: z.enum(['sigmoid', 'softmax', 'none']).optional(),
  /** How a picture is brought to the graph's size. */
  resize: z.enum(['letterbox', 'stretch', 'shortest-edge']).optional(),
  /** Subtracted from RGB values of 0..1. */
  mean: z.tuple([z.number(), z.number(), z.number()]).optional(),
  /** Divides what is left. */
  std: z.tuple([positive, positive, positive]).optional(),
  /** Pixels: both sides of the input, or its shorter side with `shortest-edge`. */
  inputSize: z.int().min(32).max(2048).optional(),
  /** Smallest score of a region. */
  threshold: share.optional(),
  /** Overlap (intersection over union) above which the weaker of two boxes is dropped. @default 0.6 */
  iou: share.optional(),
  /** Pixels of the picture: a box with a shorter side is dropped. @default 32 */
  minSize: z.int().positive().optional(),
  /** @default 3 */
  maxRegions: z.int().min(1).max(3).optional(),
});

/** What a user said about a detector file. */
export type DetectorSettings = z.output<typeof detectorSettings>;

/**
 * The settings of a detector file: those in the JSON file beside it, `detector.onnx.json` for `detector.onnx`, or none.
 *
 * @throws {CONFIG_INVALID} the JSON file is there but cannot be read as settings
 */
export async function readDetectorSettings(file: string): Promise<DetectorSettings> {
  const path = `${file}.json`;
  try {
    const parsed = detectorSettings.safeParse(JSON.parse(await readFile(path, 'utf8')));
    if (parsed.success) return parsed.data;
    throw new GrapevineError('CONFIG_INVALID', `reading ${path}: wrong settings\n${z.prettifyError(parsed.error)}`);
  } catch (cause) {
    if (cause instanceof GrapevineError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new GrapevineError('CONFIG_INVALID', `reading ${path}: ${messageOf(cause)}; expected a JSON object`, {
      cause,
    });
  }
}
