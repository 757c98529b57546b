import { describe, expect, it } from 'vitest';
import type { Box } from '../../../src/domain/image.ts';
import { ImageCache } from '../../../src/model/image-cache.ts';
import type { Crops, ImageReply } from '../../../src/model/runtime/messages.ts';
import { toPrefix } from '../../helpers/model-prefix.ts';

const image = (sha256: string) => ({ bytes: new Uint8Array(), sha256 });
const box: Box = [0, 0, 5, 5];
const other: Box = [1, 1, 9, 9];

/** A cache for so many crops, and what it asked to be read. */
function cacheOf(crops: number) {
  const reads: [string, Crops][] = [];
  const cache = new ImageCache({
    bytes: crops * 8,
    bytesPerCrop: 8,
    cropsPerImage: 4,
    read: async ({ sha256 }, crops): Promise<ImageReply> => {
      reads.push([sha256, crops]);
      if (sha256 === 'bad') return { outcome: 'decode_error' };
      const wanted = crops === 'detect' ? [undefined, box] : crops;
      return { outcome: 'ok', slots: wanted.map((_, i) => ({ ner: toPrefix([reads.length, i]) })) };
    },
  });
  return { cache, reads };
}

describe('the image cache', () => {
  it('reads a picture once, also when it is asked for twice at the same time', async () => {
    const { cache, reads } = cacheOf(2);
    const [one, two] = await Promise.all([cache.crops(image('a'), []), cache.crops(image('a'), [])]);
    expect(one).toEqual(two);
    await cache.crops(image('a'), []);
    expect(reads).toHaveLength(1);
    await cache.crops(image('b'), []);
    await cache.crops(image('c'), []);
    await cache.crops(image('a'), []);
    expect(reads).toHaveLength(4);
  });

  it('reads only the crops it does not have, and gives all in order', async () => {
    const { cache, reads } = cacheOf(9);
    const whole = await cache.crops(image('a'), []);
    const three = await cache.crops(image('a'), [other, box]);
    const two = await cache.crops(image('a'), [box]);
    expect(reads).toEqual([
      ['a', [undefined]],
      ['a', [other, box]],
    ]);
    if (whole.outcome !== 'ok' || three.outcome !== 'ok' || two.outcome !== 'ok') throw new Error('not read');
    expect(three.slots).toEqual([whole.slots[0], { ner: toPrefix([2, 0]) }, { ner: toPrefix([2, 1]) }]);
    expect(two.slots).toEqual([whole.slots[0], { ner: toPrefix([2, 1]) }]);
  });

  it('reads a box once that is asked for twice in one post', async () => {
    const { cache, reads } = cacheOf(9);
    const reply = await cache.crops(image('a'), [box, box]);
    expect(reads).toEqual([['a', [undefined, box]]]);
    expect(reply.outcome === 'ok' && reply.slots).toHaveLength(3);
  });

  it('keeps what was found in a picture as one', async () => {
    const { cache, reads } = cacheOf(9);
    const reply = await cache.detect(image('a'));
    expect(await cache.detect(image('a'))).toBe(reply);
    expect(reads).toEqual([['a', 'detect']]);
  });

  it('keeps pictures that cannot be decoded', async () => {
    const { cache, reads } = cacheOf(9);
    expect(await cache.crops(image('bad'), [box])).toEqual({ outcome: 'decode_error' });
    expect(await cache.crops(image('bad'), [box])).toEqual({ outcome: 'decode_error' });
    expect(reads).toHaveLength(1);
  });

  it('does not keep a failure of the model', async () => {
    let reads = 0;
    const cache = new ImageCache({
      bytes: 64,
      bytesPerCrop: 8,
      cropsPerImage: 4,
      read: async () => {
        if (reads++ === 0) throw new Error('broken');
        return { outcome: 'decode_error' };
      },
    });
    await expect(cache.crops(image('a'), [box])).rejects.toThrow('broken');
    await expect(cache.crops(image('a'), [box])).resolves.toEqual({ outcome: 'decode_error' });
  });
});
