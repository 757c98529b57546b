import type { ImageResult } from '../../domain/image.ts';
import type { ApiContext } from '../context.ts';

/** Resolvers of a picture. */
export const pictureResolvers = {
  thumbnailUrl: ({ sha256 }: ImageResult, _: unknown, { thumbnails }: ApiContext) =>
    sha256 === undefined ? undefined : thumbnails.pathOf(sha256),
  regions: ({ regions = [] }: ImageResult) =>
    regions.map(([left, top, right, bottom]) => ({ left, top, right, bottom })),
};
