import { uncompress } from 'snappy';
import { messageOf } from '../../../errors.ts';
import { damaged, MAX_BATCH_BYTES, tooLarge } from './bounded.ts';

/** What Java clients put before their blocks: a magic number, then two versions. Other clients write one bare block. */
const XERIAL = Buffer.from('82534e4150505900', 'hex');
const XERIAL_HEADER = 16;

/** Decompresses snappy, in the framing of Java clients or bare. */
export async function unsnappyBatch(bytes: Buffer): Promise<Buffer> {
  const blocks = bytes.subarray(0, XERIAL.length).equals(XERIAL) ? xerialBlocks(bytes) : [bytes];
  if (blocks.reduce((sum, block) => sum + lengthOf(block), 0) > MAX_BATCH_BYTES) throw tooLarge('snappy');
  try {
    const parts: Buffer[] = [];
    for (const block of blocks) parts.push((await uncompress(block, { asBuffer: true })) as Buffer);
    return Buffer.concat(parts);
  } catch (error) {
    throw damaged('snappy', messageOf(error));
  }
}

function xerialBlocks(bytes: Buffer): Buffer[] {
  const blocks: Buffer[] = [];
  for (let at = XERIAL_HEADER; at < bytes.length; ) {
    const length = at + 4 <= bytes.length ? bytes.readUInt32BE(at) : Number.POSITIVE_INFINITY;
    if (at + 4 + length > bytes.length) throw damaged('snappy', 'it ends in the middle of a block');
    blocks.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return blocks;
}

/** The decompressed length, which stands before the block in seven bits a byte. */
function lengthOf(block: Buffer): number {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = block[i];
    if (byte === undefined) break;
    length += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return length;
  }
  throw damaged('snappy', 'a block without a length');
}
