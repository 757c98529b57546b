import type { Prefix } from '../../src/model/runtime/messages.ts';

/** Values as the prefix of a picture: in shared memory. */
export function toPrefix(values: ArrayLike<number>): Prefix {
  const prefix = new Float32Array(new SharedArrayBuffer(values.length * Float32Array.BYTES_PER_ELEMENT));
  prefix.set(values);
  return prefix;
}
