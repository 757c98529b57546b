import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DetectorSettings } from '../../../../src/model/regions/detector-settings.ts';
import { OnnxRegionDetector } from '../../../../src/model/regions/onnx-region-detector.ts';
import { detectorFile, graphFile, whiteRectangle } from '../../../helpers/detector-graphs.ts';
import { temporaryFolder } from '../../../helpers/folder.ts';

describe('loading a detector', () => {
  const load = async (file: string, settings: DetectorSettings = {}) =>
    OnnxRegionDetector.load({ file, settings, device: 'cpu' });
  const refusal = (...parts: string[]) => ({
    code: 'BUNDLE_INVALID',
    message: expect.stringMatching(new RegExp(parts.join('.*'), 'su')),
  });

  it('refuses what is no ONNX file, by name', async () => {
    const file = join(await temporaryFolder(), 'detector.onnx');
    await expect(load(file)).rejects.toMatchObject(refusal('detector\\.onnx on cpu'));
    await writeFile(file, 'not a graph');
    await expect(load(file)).rejects.toMatchObject(refusal('detector\\.onnx on cpu', 'expected an ONNX file'));
  });

  it('refuses a graph that is no detector: what was found, what decides', async () => {
    const file = await graphFile({
      inputs: [{ name: 'pixels', type: 'float32', shape: ['N', 3, 64, 64] }],
      outputs: [{ name: 'features', type: 'float32', shape: ['N', 4, 'columns'] }],
      nodes: [{ op: 'Reshape', inputs: ['pixels', 'shape'], outputs: ['features'] }],
      constants: [{ name: 'shape', shape: [3], data: BigInt64Array.of(1n, 96n, 128n) }],
    });
    const found = 'pixels float32 \\[N, 3, 64, 64\\]; outputs features float32 \\[';
    await expect(load(file)).rejects.toMatchObject(refusal('detector\\.onnx', 'setting convention', found));
    await expect(load(file, { convention: 'detr' })).rejects.toMatchObject(refusal('not those of the convention detr'));
  });

  it('refuses scores that are no probabilities', async () => {
    const file = await detectorFile({
      input: { height: 640, width: 640 },
      outputs: ['output0'],
      transposed: true,
      boxFormat: 'cxcywh',
      coords: 'pixel',
      rows: 8400,
      scores: [4, 2],
      emptyScores: [-4, -4],
    });
    await expect(load(file)).rejects.toMatchObject(refusal('a score is', 'scores'));
    await expect(load(file, { scores: 'sigmoid' })).resolves.toBeDefined();
  });

  it('refuses a graph that fails on a picture', async () => {
    const file = await graphFile({
      inputs: [{ name: 'images', type: 'float32', shape: [1, 3, 'height', 'width'] }],
      outputs: [{ name: 'output0', type: 'float32', shape: ['a', 'b', 'c'] }],
      nodes: [{ op: 'Reshape', inputs: ['images', 'shape'], outputs: ['output0'] }],
      constants: [{ name: 'shape', shape: [3], data: BigInt64Array.of(1n, 6n, 320n * 160n) }],
    });
    await expect(load(file)).rejects.toMatchObject(refusal('made-up picture was refused', 'images float32'));
  });

  it('takes a graph that fails only at some pictures, and reports that as the model’s failure', async () => {
    const file = await graphFile({
      inputs: [{ name: 'pixel_values', type: 'float32', shape: [1, 3, 'height', 'width'] }],
      outputs: [
        { name: 'logits', type: 'float32', shape: [1, 100, 2] },
        { name: 'pred_boxes', type: 'float32', shape: [1, 100, 4] },
      ],
      nodes: [
        { op: 'ReduceMean', inputs: ['pixel_values'], outputs: ['grey'], attributes: { axes: [1], keepdims: 0 } },
        { op: 'Reshape', inputs: ['grey', 'rows of 12800'], outputs: ['rows'] },
        { op: 'ReduceMean', inputs: ['rows'], outputs: ['mean'], attributes: { keepdims: 0 } },
        { op: 'Mul', inputs: ['zeros', 'mean'], outputs: ['pred_boxes'] },
        { op: 'Identity', inputs: ['ones'], outputs: ['logits'] },
      ],
      constants: [
        { name: 'rows of 12800', shape: [2], data: BigInt64Array.of(-1n, 12_800n) },
        { name: 'zeros', shape: [1, 100, 4], data: new Float32Array(400) },
        { name: 'ones', shape: [1, 100, 2], data: new Float32Array(200).fill(1) },
      ],
    });
    const detector = await load(file);
    expect(await detector.detect(whiteRectangle([300, 200], [0, 0, 300, 200]))).toEqual([]);
    // Too small for any region: the graph is not asked.
    expect(await detector.detect(whiteRectangle([333, 31], [0, 0, 333, 31]))).toEqual([]);
    await expect(detector.detect(whiteRectangle([333, 201], [0, 0, 333, 201]))).rejects.toMatchObject({
      code: 'MODEL_FAILED',
      message: expect.stringContaining('detector.onnx'),
    });
  });
});
