import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { messageOf } from '../../../errors.ts';
import { damaged, MAX_BATCH_BYTES, tooLarge } from './bounded.ts';

const MAGIC = 0xfd2fb528;
const CHUNK = 64 << 10;

type NativeUnzstd = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

/** Node's own since 22.15; older ones take a slower one in JavaScript. */
const native = (zlib as { zstdDecompress?: (typeof zlib)['gunzip'] }).zstdDecompress;
const inflate = native && (promisify(native) as NativeUnzstd);

/** Decompresses zstd. */
export async function unzstdBatch(bytes: Buffer): Promise<Buffer> {
  if (windowOf(bytes) > MAX_BATCH_BYTES) throw tooLarge('zstd');
  try {
    return inflate ? await inflate(bytes, { maxOutputLength: MAX_BATCH_BYTES }) : inflateInScript(bytes);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('batch_too_large')) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge('zstd');
    throw damaged('zstd', messageOf(error));
  }
}

/** In portions, so that a small batch cannot become a large buffer before anybody has counted. */
export function inflateInScript(bytes: Buffer): Buffer {
  const parts: Uint8Array[] = [];
  let total = 0;
  const decompress = new Decompress((part) => {
    total += part.length;
    if (total > MAX_BATCH_BYTES) throw tooLarge('zstd');
    parts.push(part);
  });
  for (let at = 0; at < bytes.length; at += CHUNK) {
    decompress.push(bytes.subarray(at, at + CHUNK), at + CHUNK >= bytes.length);
  }
  return Buffer.concat(parts);
}

/** Bytes that must be kept in memory while decompressing, which the frame's header asks for. */
function windowOf(bytes: Buffer): number {
  if (bytes.length < 6 || bytes.readUInt32LE(0) !== MAGIC) throw damaged('zstd', 'it is no frame');
  const descriptor = bytes[4] as number;
  // A single segment has no window of its own: it is as large as its content, whose length follows.
  if (descriptor & 0x20) return contentLength(bytes, descriptor);
  const window = bytes[5] as number;
  const base = 2 ** (10 + (window >> 3));
  return base + (base / 8) * (window & 7);
}

function contentLength(bytes: Buffer, descriptor: number): number {
  const at = 5 + ([0, 1, 2, 4][descriptor & 3] as number);
  const size = descriptor >> 6;
  if (bytes.length < at + 8) return 0;
  if (size === 0) return bytes[at] as number;
  if (size === 1) return bytes.readUInt16LE(at) + 256;
  return size === 2 ? bytes.readUInt32LE(at) : Number(bytes.readBigUInt64LE(at));
}
