import { InferenceSession } from 'onnxruntime-node';
import { GrapevineError, messageOf } from '../../errors.ts';
import type { Device } from './messages.ts';

const ADVICE: Readonly<Record<Device, string>> = {
  cpu: 'check that the file is complete and readable',
  cuda: 'install its libraries with ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node, check the driver with nvidia-smi, or use the device cpu',
  webgpu: 'check that this machine has a Vulkan, Metal or Direct3D 12 driver, or use the device cpu',
};

/**
 * Loads a graph for one thread: the workers are the parallelism, and two sessions with one thread beat one with two.
 *
 * @throws {MODEL_FAILED} names the file, the device, and what to do
 */
export async function createSession(path: string, device: Device): Promise<InferenceSession> {
  const options = {
    executionProviders: [device],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  } as const;
  return InferenceSession.create(path, options).catch((cause: unknown) => {
    const message = `loading ${path} on ${device}: ${messageOf(cause)}; ${ADVICE[device]}`;
    throw new GrapevineError('MODEL_FAILED', message, { cause });
  });
}
