import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDetectorSettings } from '../../../../src/model/regions/detector-settings.ts';
import { temporaryFolder } from '../../../helpers/folder.ts';

/** Reads the settings of a detector whose JSON file has this content. */
async function read(content: string) {
  const file = join(await temporaryFolder(), 'detector.onnx');
  await writeFile(`${file}.json`, content);
  return readDetectorSettings(file);
}

const refusal = (message: RegExp) => ({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) });

describe('the settings beside a detector file', () => {
  it('are read', async () => {
    const settings = {
      convention: 'detr',
      boxFormat: 'xyxy',
      coords: 'normalized',
      scores: 'softmax',
      resize: 'stretch',
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
      inputSize: 512,
      threshold: 0.5,
      iou: 0.7,
      minSize: 16,
      maxRegions: 2,
    };
    expect(await read(JSON.stringify(settings))).toEqual(settings);
  });

  it('are none when there is no such file', async () => {
    expect(await readDetectorSettings(join(await temporaryFolder(), 'detector.onnx'))).toEqual({});
  });

  it('are refused with every problem and its place', async () => {
    await expect(read('{"treshold": 0.5, "scores": "tanh", "maxRegions": 4, "std": [1, 0, 1]}')).rejects.toMatchObject(
      refusal(/detector\.onnx\.json.*(?=.*treshold)(?=.*at scores)(?=.*at maxRegions)(?=.*at std\[1\])/su),
    );
    await expect(read('[]')).rejects.toMatchObject(refusal(/expected object/u));
  });

  it('are refused when the file cannot be read as JSON', async () => {
    await expect(read('{"threshold": 0.5,')).rejects.toMatchObject(
      refusal(/detector\.onnx\.json: .*expected a JSON/su),
    );
    const file = join(await temporaryFolder(), 'detector.onnx');
    await mkdir(`${file}.json`);
    await expect(readDetectorSettings(file)).rejects.toMatchObject(refusal(/detector\.onnx\.json/u));
  });
});
