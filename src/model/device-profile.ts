import type { Buckets } from './pack-batch.ts';
import type { Device } from './runtime/messages.ts';

/** How work is cut for a device. */
export interface DeviceProfile {
  /** Pieces of a batch, padding and fill included. */
  readonly tokenBudget: number;
  /** Of how many waiting rows a batch is chosen. */
  readonly window: number;
  /** What running a batch costs besides its pieces, in pieces. */
  readonly callCost: number;
  readonly buckets: Buckets | undefined;
  /** Threads that may run graphs at the same time. */
  readonly maxWorkers: number;
}

// On a CPU every padded piece costs its full time, a new shape costs nothing, and a call costs about what two dozen pieces do,
// the way to the worker and back included: a batch of 128 pieces is nearly as fast a piece as one of 256.
const CPU: DeviceProfile = {
  tokenBudget: 256,
  window: 64,
  callCost: 24,
  buckets: undefined,
  maxWorkers: Number.POSITIVE_INFINITY,
};

// On a GPU a batch costs much the same however few rows it has, and each new shape is prepared once. At the paper's size 8192
// pieces make activations of 100 MB, and 128 rows prefixes of 151 MB; many devices allow buffers of little more.
const CUDA: DeviceProfile = {
  tokenBudget: 8192,
  window: 256,
  callCost: 8192,
  buckets: {
    lengths: [16, 32, 48, 64, 80, 96, 128, 192, 256, 384, 512],
    rows: [1, 2, 4, 8, 16, 32, 64, 128],
  },
  maxWorkers: Number.POSITIVE_INFINITY,
};

// All sessions of a process share one WebGPU device, and onnxruntime 1.30 crashes when two threads use it (microsoft/onnxruntime#32561).
const WEBGPU: DeviceProfile = { ...CUDA, maxWorkers: 1 };

/** The sizes that suit a device. */
export function deviceProfile(device: Device): DeviceProfile {
  if (device === 'cpu') return CPU;
  return device === 'webgpu' ? WEBGPU : CUDA;
}
