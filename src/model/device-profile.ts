import type { Buckets } from './pack-batch.ts';
import type { Device } from './runtime/messages.ts';

/** How work is cut for a device. */
export interface DeviceProfile {
  /** Pieces of a batch, padding included. */
  readonly tokenBudget: number;
  readonly buckets: Buckets | undefined;
}

// Few shapes, since a GPU chooses or compiles kernels for each; batches that are large, since it is idle between them.
const GPU: DeviceProfile = {
  tokenBudget: 8192,
  buckets: { lengths: [16, 32, 48, 64, 80, 96, 128], rows: [1, 8, 32, 128, 512] },
};

// On a CPU every padded piece costs its full time and a new shape costs nothing.
const CPU: DeviceProfile = { tokenBudget: 512, buckets: undefined };

/** The sizes that suit a device. */
export function deviceProfile(device: Device): DeviceProfile {
  return device === 'cpu' ? CPU : GPU;
}
