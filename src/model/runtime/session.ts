import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { InferenceSession, listSupportedBackends } from 'onnxruntime-node';
import { GrapevineError, messageOf } from '../../errors.ts';
import type { Device } from './messages.ts';

const ADVICE: Readonly<Record<Device, string>> = {
  cpu: 'check that the file is complete and readable',
  cuda: 'check that nvidia-smi shows the GPU and that CUDA 12 and cuDNN 9 are installed (a line above names a library that is missing), or use the device cpu',
  webgpu:
    'check that this machine has a Vulkan, Metal or Direct3D 12 driver (on Linux libvulkan.so.1, too), or use the device cpu',
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
  const absent = whatIsMissing(device);
  if (absent) throw new GrapevineError('MODEL_FAILED', `loading ${path} on ${device}: ${absent}`);
  return InferenceSession.create(path, options).catch((cause: unknown) => {
    const message = `loading ${path} on ${device}: ${reasonOf(cause)}; ${ADVICE[device]}`;
    throw new GrapevineError('MODEL_FAILED', message, { cause });
  });
}

/** Why a device cannot be used, as far as that shows before onnxruntime tries and writes pages about it. */
function whatIsMissing(device: Device): string | undefined {
  if (!listSupportedBackends().some(({ name }) => name === device)) {
    return `onnxruntime has no such device on ${process.platform}-${process.arch}; use the device cpu`;
  }
  if (device !== 'cuda' || cudaLibrariesAreThere()) return undefined;
  const command = 'ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node';
  return `onnxruntime's CUDA libraries are not installed; get them with ${command}, or use the device cpu`;
}

/** They are no part of the package; its install script puts them beside its other libraries. */
function cudaLibrariesAreThere(): boolean {
  const bin = join(createRequire(import.meta.url).resolve('onnxruntime-node'), '../../bin');
  const files = readdirSync(bin, { recursive: true, encoding: 'utf8' });
  return files.some((file) => file.includes('onnxruntime_providers_cuda.'));
}

/** What onnxruntime says on one line, without the place in its source. */
function reasonOf(cause: unknown): string {
  const line = messageOf(cause).replaceAll(/\s+/g, ' ').trim();
  return line.replace(/^\S*onnxruntime_src\S* .* was false\. /, '');
}
