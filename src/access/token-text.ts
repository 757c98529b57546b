import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const ID_BYTES = 6;

/** 256 random bits: nobody guesses them, so that a plain hash is enough and a slow one would only cost time. */
const SECRET_BYTES = 32;

const TEXT = /^gv_([0-9a-f]{12})_[\w-]{43}$/;

/** A new token, `gv_ID_SECRET`. */
export function mintToken(): { readonly id: string; readonly text: string } {
  const id = randomBytes(ID_BYTES).toString('hex');
  return { id, text: `gv_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}` };
}

/** The id in a token; undefined when it is none of ours. */
export function tokenId(text: string): string | undefined {
  return TEXT.exec(text)?.[1];
}

/** True for an id of a token. */
export function isTokenId(text: string): boolean {
  return /^[0-9a-f]{12}$/.test(text);
}

/** What is kept of a token, 64 hex digits. */
export function hashToken(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Compares hashes in a time that tells nothing of where they differ. */
export function isSameHash(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one, 'hex'), Buffer.from(other, 'hex')];
  return left.length === right.length && timingSafeEqual(left, right);
}
