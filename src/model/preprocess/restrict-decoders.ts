import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import sharp from 'sharp';

const LOADERS = ['JpegBuffer', 'PngBuffer', 'WebpBuffer', 'NsgifBuffer'].map((name) => `VipsForeignLoad${name}`);
const RESTRICTED = 'grapevine:decoders-restricted';

/**
 * Limits libvips, for the whole process, to the decoders of the formats that posts carry; once: while it happens none is
 * allowed, on any thread, and a good picture would be told to be none. A thread that starts workers which decode does this
 * before: they know that it is done.
 */
export function restrictDecoders(): void {
  if (getEnvironmentData(RESTRICTED) === true) return;
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: LOADERS });
  sharp.concurrency(1);
  sharp.cache(false);
  setEnvironmentData(RESTRICTED, true);
}
