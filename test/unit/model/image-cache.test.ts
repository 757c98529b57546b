import { describe, expect, it } from 'vitest';
import { ImageCache } from '../../../src/model/image-cache.ts';
import type { ImageReply } from '../../../src/model/runtime/messages.ts';

const image = (sha256: string) => ({ bytes: new Uint8Array(), sha256 });

describe('the image cache', () => {
  it('reads a picture once, also when it is asked for twice at the same time', async () => {
    let reads = 0;
    const reply: ImageReply = { outcome: 'decode_error' };
    const cache = new ImageCache({ entries: 2, read: async () => (reads++, reply) });
    await Promise.all([cache.get(image('a')), cache.get(image('a'))]);
    await cache.get(image('a'));
    expect(reads).toBe(1);
    await cache.get(image('b'));
    await cache.get(image('c'));
    await cache.get(image('a'));
    expect(reads).toBe(4);
  });

  it('does not keep a failure of the model', async () => {
    let reads = 0;
    const cache = new ImageCache({
      entries: 2,
      read: async () => {
        if (reads++ === 0) throw new Error('broken');
        return { outcome: 'decode_error' };
      },
    });
    await expect(cache.get(image('a'))).rejects.toThrow('broken');
    await expect(cache.get(image('a'))).resolves.toEqual({ outcome: 'decode_error' });
  });
});
