// How fast one core multiplies matrices right now, in fp32 and in int8: the machine's index of a round.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { CalibrationSlice } from '../harness/slices.ts';
import { oneNodeModel, type TensorInfo } from '../harness/tiny-onnx.ts';
import { serve } from './serve.ts';

const [ROWS, INNER, COLUMNS] = [1024, 768, 3072];
const OPERATIONS = 2 * ROWS * INNER * COLUMNS;

const tensor = (name: string, type: TensorInfo['type'], shape: number[]): TensorInfo => ({ name, type, shape });
const OPTIONS = { intraOpNumThreads: 1, interOpNumThreads: 1 };
let sessions: Promise<readonly [InferenceSession, InferenceSession]> | undefined;

async function load(): Promise<readonly [InferenceSession, InferenceSession]> {
  const float = oneNodeModel(
    'MatMul',
    [tensor('a', 'float32', [ROWS, INNER]), tensor('b', 'float32', [INNER, COLUMNS])],
    tensor('c', 'float32', [ROWS, COLUMNS]),
  );
  const integer = oneNodeModel(
    'MatMulInteger',
    [tensor('a', 'uint8', [ROWS, INNER]), tensor('b', 'int8', [INNER, COLUMNS])],
    tensor('c', 'int32', [ROWS, COLUMNS]),
  );
  return [await InferenceSession.create(float, OPTIONS), await InferenceSession.create(integer, OPTIONS)];
}

async function speed(session: InferenceSession, feed: Record<string, Tensor>, seconds: number): Promise<number> {
  await session.run(feed);
  const start = performance.now();
  let runs = 0;
  for (; performance.now() - start < seconds * 1000; runs++) await session.run(feed);
  return (runs * OPERATIONS) / ((performance.now() - start) / 1000) / 1e9;
}

serve({
  async slice({ seconds }: { seconds: number }): Promise<CalibrationSlice> {
    sessions ??= load();
    const [float, integer] = await sessions;
    const floats = {
      a: new Tensor('float32', new Float32Array(ROWS * INNER).fill(0.5), [ROWS, INNER]),
      b: new Tensor('float32', new Float32Array(INNER * COLUMNS).fill(0.25), [INNER, COLUMNS]),
    };
    const integers = {
      a: new Tensor('uint8', new Uint8Array(ROWS * INNER).fill(100), [ROWS, INNER]),
      b: new Tensor('int8', new Int8Array(INNER * COLUMNS).fill(-30), [INNER, COLUMNS]),
    };
    return { fp32: await speed(float, floats, seconds / 2), int8: await speed(integer, integers, seconds / 2) };
  },
});
