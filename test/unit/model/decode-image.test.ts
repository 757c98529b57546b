import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage, onceMoreOnTimeout } from '../../../src/model/preprocess/decode.ts';
import { CMYK_JPEG, encode, GREY16_PNG, pattern } from '../../helpers/model-pictures.ts';

const decode = (bytes: Uint8Array, exif = false) => decodeImage(bytes, { exif });

/** RGB of the first pixels. */
async function pixels(bytes: Uint8Array, count: number): Promise<number[][]> {
  const decoded = await decode(bytes);
  if (!('image' in decoded)) throw new Error(decoded.outcome);
  const { data, channels } = decoded.image;
  return Array.from({ length: count }, (_, i) => {
    const pixel = [...data.subarray(i * channels, (i + 1) * channels)];
    return channels < 3 ? Array<number>(3).fill(pixel[0] as number) : pixel.slice(0, 3);
  });
}

describe('decoding a picture', () => {
  it.each(['png', 'webp', 'gif', 'jpeg'] as const)('reads %s', async (format) => {
    const decoded = await decode(await encode(pattern(40, 30), format));
    expect(decoded).toMatchObject({ image: { width: 40, height: 30 } });
  });

  it('drops alpha without compositing', async () => {
    const image = { data: Uint8Array.of(200, 100, 50, 0, 1, 2, 3, 128), width: 2, height: 1, channels: 4 };
    expect(await pixels(await encode(image, 'png'), 2)).toEqual([
      [200, 100, 50],
      [1, 2, 3],
    ]);
  });

  it('repeats grey and saturates 16-bit grey', async () => {
    const grey = { data: Uint8Array.of(7, 200), width: 2, height: 1, channels: 1 };
    expect(
      await pixels(
        await sharp(grey.data, { raw: { width: 2, height: 1, channels: 1 } })
          .toColourspace('b-w')
          .png()
          .toBuffer(),
        2,
      ),
    ).toEqual([
      [7, 7, 7],
      [200, 200, 200],
    ]);
    expect((await pixels(GREY16_PNG, 4)).map(([value]) => value)).toEqual([100, 255, 255, 0]);
  });

  it('converts CMYK as Pillow does', async () => {
    expect(await pixels(CMYK_JPEG, 1)).toEqual([[207, 198, 190]]);
  });

  it('reads the first frame only', async () => {
    const frames = Buffer.concat([Buffer.alloc(4 * 4 * 3, 10), Buffer.alloc(4 * 4 * 3, 240)]);
    const gif = await sharp(frames, { raw: { width: 4, height: 8, channels: 3, pageHeight: 4 } })
      .gif({ loop: 0 })
      .toBuffer();
    expect((await sharp(gif).metadata()).pages).toBe(2);
    expect(await decode(gif)).toMatchObject({ image: { width: 4, height: 4 } });
    expect(await pixels(gif, 1)).toEqual([[10, 10, 10]]);
  });

  it('turns a picture only when the bundle says so', async () => {
    const turned = await sharp(await encode(pattern(20, 10), 'jpeg'))
      .withMetadata({ orientation: 6 })
      .toBuffer();
    expect(await decode(turned)).toMatchObject({ image: { width: 20, height: 10 } });
    expect(await decode(turned, true)).toMatchObject({ image: { width: 10, height: 20 } });
  });

  it('names what it does not read', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
    for (const bytes of [Buffer.from(svg), await encode(pattern(8, 8), 'tiff')]) {
      expect(await decode(bytes)).toEqual({ outcome: 'unsupported_format' });
    }
    for (const text of ['<html>no</html>', 'GI', '{"error":"<b>svg</b>"}']) {
      expect(await decode(Buffer.from(text))).toEqual({ outcome: 'not_image' });
    }
  });

  it('refuses too many pixels before decoding them', async () => {
    const wide = await sharp({ create: { width: 16_000, height: 2_501, channels: 3, background: 'black' } })
      .png()
      .toBuffer();
    expect(await decode(wide)).toEqual({ outcome: 'too_many_pixels' });
  });

  it('refuses broken files', async () => {
    const jpeg = await encode(pattern(200, 200), 'jpeg');
    const png = await encode(pattern(200, 200), 'png');
    for (const bytes of [jpeg.subarray(0, jpeg.length / 2), png.subarray(0, png.length / 2), Buffer.alloc(0)]) {
      expect(await decode(bytes)).toEqual({ outcome: 'decode_error' });
    }
    expect(await decode(Buffer.concat([jpeg, Buffer.from('trailing')]))).toHaveProperty('image');
  });

  it('tries once more when the decoder says that its time was over, as after a pause of the machine, and not otherwise', async () => {
    const endless = sharp({ create: { width: 9_000, height: 9_000, channels: 3, background: 'black' } }).blur(200);
    let tries = 0;
    const slowOnce = (): Promise<unknown> =>
      tries++ === 0 ? endless.timeout({ seconds: 1 }).raw().toBuffer() : Promise.resolve('read');
    expect(await onceMoreOnTimeout(slowOnce)).toBe('read');

    let reads = 0;
    const failing = (message: string) => () => (reads++, Promise.reject(new Error(message)));
    await expect(onceMoreOnTimeout(failing('timeout: 0% complete'))).rejects.toThrow('0%');
    expect(reads).toBe(2);
    await expect(onceMoreOnTimeout(failing('pngload_buffer: libspng read error'))).rejects.toThrow('libspng');
    expect(reads).toBe(3);
  });
});
