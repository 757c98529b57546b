import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { compressFrameSync } from 'lz4-napi';
import { compressSync } from 'snappy';
import { describe, expect, it } from 'vitest';
import { MAX_BATCH_BYTES } from '../../../src/consumers/kafka/codecs/bounded.ts';
import { gunzipBatch } from '../../../src/consumers/kafka/codecs/gzip.ts';
import { unlz4Batch } from '../../../src/consumers/kafka/codecs/lz4.ts';
import { unsnappyBatch } from '../../../src/consumers/kafka/codecs/snappy.ts';
import { inflateInScript, unzstdBatch } from '../../../src/consumers/kafka/codecs/zstd.ts';

const bomb = Buffer.alloc(MAX_BATCH_BYTES + 1, 'x');
const xerial = (blocks: readonly Buffer[]) =>
  Buffer.concat([
    Buffer.from('82534e4150505900', 'hex'),
    Buffer.from([0, 0, 0, 1, 0, 0, 0, 1]),
    ...blocks.flatMap((block) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(block.length);
      return [length, block];
    }),
  ]);
/** A frame of one block that repeats a byte, as often as wanted: header, window, and repeating blocks of at most 128 kB. */
function zstdOf(length: number): Buffer {
  const parts = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58])];
  for (let left = length; left > 0; ) {
    const size = Math.min(left, 128 << 10);
    left -= size;
    const header = Buffer.alloc(4);
    header.writeUInt32LE((left === 0 ? 1 : 0) | (1 << 1) | (size << 3));
    parts.push(header.subarray(0, 3), Buffer.from('x'));
  }
  return Buffer.concat(parts);
}

const CODECS = [
  ['gzip', gunzipBatch, (bytes: Buffer) => gzipSync(bytes)],
  ['bare snappy', unsnappyBatch, (bytes: Buffer) => compressSync(bytes)],
  [
    'snappy of Java',
    unsnappyBatch,
    (bytes: Buffer) => xerial([compressSync(bytes.subarray(0, 7)), compressSync(bytes.subarray(7))]),
  ],
  ['lz4', unlz4Batch, (bytes: Buffer) => compressFrameSync(bytes)],
  ['zstd', unzstdBatch, (bytes: Buffer) => zstdOf(bytes.length)],
  ['zstd in JavaScript', async (bytes: Buffer) => inflateInScript(bytes), (bytes: Buffer) => zstdOf(bytes.length)],
] as const;

describe.each(CODECS)('%s', (name, decompress, compress) => {
  it('gives back what was compressed', async () => {
    const bytes = Buffer.alloc(300_000, 'x');
    if (!name.startsWith('zstd')) bytes.write('once upon a time');
    expect((await decompress(compress(bytes))).equals(bytes)).toBe(true);
  });

  it('refuses what would become too large', async () => {
    await expect(decompress(compress(bomb))).rejects.toThrow('batch_too_large');
  });

  it('refuses what is damaged, whatever it is', async () => {
    const whole = compress(Buffer.alloc(5_000, 'x'));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, flip, cut) => {
          const bytes = Buffer.from(cut ? whole.subarray(0, at) : whole);
          if (!cut) bytes[at] = (bytes[at] as number) ^ flip;
          // Anything but a crash or an endless buffer: an error, or some bytes.
          const result = await decompress(bytes).catch((error: unknown) => error);
          expect(result instanceof Error || (result as Buffer).length <= MAX_BATCH_BYTES).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });
});
