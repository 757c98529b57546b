import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import type { UploadedPicture } from '../../domain/submission.ts';
import { Slots } from '../../threads/slots.ts';
import { refusal } from '../errors.ts';
import type { Gate } from '../gate.ts';
import { sendJson, sendRefusal } from '../send.ts';
import type { PictureDesk } from '../writing.ts';

/** What pictures are taken with. */
export interface ReceiveOptions {
  readonly uploads: PictureDesk;
  readonly gate: Gate;
}

/** Largest picture, bytes. */
const MAX_BYTES = 10_485_760;

/** Bodies in memory at once; a client that sends slowly holds one of them for the time a request may take. */
const bodies = new Slots(8);
const WAIT_MS = 2_000;

/**
 * Types that a page of another site cannot send without being asked first, unlike forms. What the bytes are is seen by
 * decoding them.
 */
const TYPE = /^(?:image\/[\w.+-]+|application\/octet-stream)\s*(?:;|$)/i;

/** Takes a picture as the body of a request, and answers with the name by which posts may show it for a short time. */
export async function receivePicture(
  request: IncomingMessage,
  response: ServerResponse,
  options: ReceiveOptions,
): Promise<void> {
  const result = await take(request, options);
  response.setHeader('cache-control', 'no-store');
  if (!(result instanceof GraphQLError)) return sendJson(response, 201, { picture: result });
  // What is left of the body is not read: the connection cannot be used for another request.
  if (!request.complete) response.setHeader('connection', 'close');
  sendRefusal(response, result);
}

async function take(
  request: IncomingMessage,
  { uploads, gate }: ReceiveOptions,
): Promise<UploadedPicture | GraphQLError> {
  const { headers } = request;
  const admission = await gate.admit(headers);
  const refused = admission instanceof GraphQLError ? admission : gate.refuse(admission, 'write');
  if (refused) return refused;
  if (!TYPE.test(headers['content-type'] ?? '') || headers['content-encoding'] !== undefined) {
    const message = 'taking a picture: send its bytes as the body, with content-type image/… and no content-encoding.';
    return refusal('BAD_REQUEST', message, 415);
  }
  if (Number(headers['content-length'] ?? 0) > MAX_BYTES) return tooLarge();
  if (!(await bodies.enter(WAIT_MS))) {
    return refusal('BUSY', 'Too many pictures are being sent; try again later.', 503, { 'retry-after': '2' });
  }
  try {
    const bytes = await readBody(request);
    if (!bytes) return tooLarge();
    const kept = await uploads.keep(bytes);
    if ('reference' in kept) return kept;
    const message = `taking a picture: it cannot be read (${kept.outcome}); JPEG, PNG, WebP and GIF of 40 megapixels at most can.`;
    return refusal('BAD_PICTURE', message, 422);
  } finally {
    bodies.leave();
  }
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += (chunk as Uint8Array).byteLength;
    if (length > MAX_BYTES) return undefined;
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): GraphQLError {
  const message = `taking a picture: it is larger than ${MAX_BYTES} bytes; send a smaller one.`;
  return refusal('REQUEST_ENTITY_TOO_LARGE', message, 413);
}
