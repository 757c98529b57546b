import type { Caller } from './caller.ts';
import type { Credentials } from './credentials.ts';

const BEARER = /^Bearer +([\w.~+/-]+=*)$/i;

/** Longest header that is taken for one with a token, characters. */
const MAX_HEADER = 8192;

/** Who shows this header, `Authorization: Bearer …`, as of now. @throws {TOKENS_UNREADABLE} when that cannot be told. */
export async function callerShowing(
  authorization: string,
  credentials: readonly Credentials[],
): Promise<Caller | undefined> {
  const [, bearer] = (authorization.length <= MAX_HEADER && BEARER.exec(authorization)) || [];
  if (bearer === undefined) return undefined;
  for (const one of credentials) {
    const caller = await one.find(bearer);
    if (caller) return caller;
  }
  return undefined;
}
