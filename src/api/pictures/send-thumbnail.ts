import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import { messageOf } from '../../errors.ts';
import { type PictureStore, THUMBNAIL_TYPE } from '../../graph/picture-store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { refusal } from '../errors.ts';
import type { Gate } from '../gate.ts';
import { sendRefusal } from '../send.ts';
import type { PictureLinks } from './picture-links.ts';

/** What pictures are answered with. */
export interface ThumbnailOptions {
  /** Undefined where none are kept. */
  readonly pictures: PictureStore | undefined;
  readonly links: PictureLinks;
  readonly gate: Gate;
  readonly telemetry: Telemetry;
}

/** Headers of a picture: pixels, whatever a browser is told to do with it, and only for pages of this server. */
const PICTURE_HEADERS = {
  'content-type': THUMBNAIL_TYPE,
  'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * Answers with the small copy of a picture, never with the file it was made from. The address must be signed and its time
 * not over; a token is not asked for, but one that is shown must hold.
 */
export async function sendThumbnail(
  request: IncomingMessage,
  response: ServerResponse,
  options: ThumbnailOptions,
): Promise<void> {
  const found = await find(request, options);
  if (found instanceof GraphQLError) {
    response.setHeader('cache-control', 'no-store');
    return sendRefusal(response, found);
  }
  response.writeHead(200, {
    ...PICTURE_HEADERS,
    'content-length': found.bytes.byteLength,
    // What is under a hash never changes; a browser forgets it when the address ends.
    'cache-control': `private, max-age=${found.seconds}, immutable`,
  });
  response.end(request.method === 'HEAD' ? undefined : found.bytes);
}

async function find(
  { url = '', headers }: IncomingMessage,
  { pictures, links, gate, telemetry }: ThumbnailOptions,
): Promise<{ bytes: Uint8Array; seconds: number } | GraphQLError> {
  const linked = links.read(url);
  if (!linked) return gate.refuseLink();
  if (headers.authorization !== undefined) {
    const admission = await gate.admit(headers);
    const refused = admission instanceof GraphQLError ? admission : gate.refuse(admission, 'read');
    if (refused) return refused;
  }
  try {
    const bytes = await pictures?.get(linked.sha256);
    return bytes ? { bytes, seconds: linked.seconds } : refusal('NOT_FOUND', 'No copy of this picture is kept.', 404);
  } catch (error) {
    telemetry.logger.error({ reason: messageOf(error) }, 'a picture could not be read');
    return refusal('PICTURE_STORE_FAILED', 'The picture store does not answer; try again later.', 503);
  }
}
