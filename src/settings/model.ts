import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { count } from './kinds.ts';

/** The model. */
export const modelSettings = {
  BUNDLE_DIR: z
    .string()
    .default('')
    .describe('Folder of the model bundle; empty means the one that ships with Grapevine.'),
  DEVICE: z.enum(['cpu', 'cuda', 'webgpu']).default('cpu').describe('Where the model runs: docs/devices.md.'),
  MODEL_WORKERS: count(Math.min(availableParallelism(), 8)).describe(
    'Threads that run the model, each with its own copy of it; on WebGPU always one.',
  ),
  MODEL_IN_FLIGHT: count(256).describe('Most posts the model works on at once; more wait for their turn.'),
  BATCH_TOKENS: z.coerce
    .number()
    .int()
    .min(32)
    .optional()
    .describe('Padded word pieces of one text batch; without it 256 on a CPU and 8192 on a GPU.'),
  IMAGE_CACHE_BYTES: count(134_217_728).describe(
    'Memory for what the model made of pictures, bytes; a picture or region takes 147 kB at the small size.',
  ),
  REGION_DETECTOR: z
    .string()
    .optional()
    .describe('ONNX file of an object detector whose three best regions are read beside the whole picture.'),
};
