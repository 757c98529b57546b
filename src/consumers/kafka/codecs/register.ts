import kafkajs from 'kafkajs';
import { gunzipBatch } from './gzip.ts';
import { unlz4Batch } from './lz4.ts';
import { unsnappyBatch } from './snappy.ts';
import { unzstdBatch } from './zstd.ts';

type Decompress = (bytes: Buffer) => Promise<Buffer>;

/** Teaches the client to read what producers compress, each within a bound. It writes gzip alone, as before. */
export function registerCodecs(): void {
  const { CompressionCodecs: codecs, CompressionTypes: types } = kafkajs;
  const gzip = codecs[types.GZIP]();
  codecs[types.GZIP] = () => ({ compress: gzip.compress, decompress: gunzipBatch });
  for (const [type, decompress] of [
    [types.Snappy, unsnappyBatch],
    [types.LZ4, unlz4Batch],
    [types.ZSTD, unzstdBatch],
  ] as const satisfies readonly (readonly [kafkajs.CompressionTypes, Decompress])[]) {
    codecs[type] = () => ({ compress: refuse, decompress });
  }
}

function refuse(): Promise<never> {
  return Promise.reject(new kafkajs.KafkaJSNonRetriableError('Grapevine compresses with gzip or not at all'));
}
