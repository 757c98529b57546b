import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { messageOf } from '../../../errors.ts';
import { damaged, MAX_BATCH_BYTES, tooLarge } from './bounded.ts';

const inflate = promisify(gunzip);

/** Decompresses gzip. */
export async function gunzipBatch(bytes: Buffer): Promise<Buffer> {
  try {
    return await inflate(bytes, { maxOutputLength: MAX_BATCH_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge('gzip');
    throw damaged('gzip', messageOf(error));
  }
}
