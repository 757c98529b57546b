import { decompressFrame } from 'lz4-napi';
import { messageOf } from '../../../errors.ts';
import { damaged, MAX_BATCH_BYTES, tooLarge } from './bounded.ts';

const MAGIC = 0x184d2204;
/** Largest decompressed block by the code in the header. */
const BLOCK_BYTES: Readonly<Record<number, number>> = { 4: 64 << 10, 5: 256 << 10, 6: 1 << 20, 7: 4 << 20 };

/** Decompresses an LZ4 frame. */
export async function unlz4Batch(bytes: Buffer): Promise<Buffer> {
  if (mostBytes(bytes) > MAX_BATCH_BYTES) throw tooLarge('lz4');
  try {
    return await decompressFrame(bytes);
  } catch (error) {
    throw damaged('lz4', messageOf(error));
  }
}

/** Upper bound of the decompressed length: full blocks throughout. Nothing but headers is read. */
function mostBytes(bytes: Buffer): number {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== MAGIC) throw damaged('lz4', 'it is no frame');
  const [flags = 0, descriptor = 0] = [bytes[4], bytes[5]];
  const block = BLOCK_BYTES[(descriptor >> 4) & 7];
  if (block === undefined) throw damaged('lz4', 'an unknown size of blocks');
  const checksum = flags & 0x10 ? 4 : 0;
  let total = 0;
  for (let at = 7 + (flags & 8 ? 8 : 0) + (flags & 1 ? 4 : 0); at + 4 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at) & 0x7fffffff;
    if (length === 0) break;
    total += block;
    at += 4 + length + checksum;
  }
  return total;
}
