import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createLocalJWKSet, createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';
import { GrapevineError, messageOf } from '../../errors.ts';

/** Finds the key that a token names. */
export type JwtKeys = JWTVerifyGetKey;

/** Longest wait for the keys, milliseconds. */
const TIMEOUT_MS = 5_000;

/** After keys were fetched, a token that names another one does not have them fetched again for so long, milliseconds. */
const COOLDOWN_MS = 30_000;

/** Fetched keys are used for so long, milliseconds: a key that its issuer withdraws works no longer. */
const MAX_AGE_MS = 600_000;

/** The keys that an issuer publishes, fetched when the first token comes and again when one names a key that is new. */
export function remoteKeys(url: string): JwtKeys {
  const options = { timeoutDuration: TIMEOUT_MS, cooldownDuration: COOLDOWN_MS, cacheMaxAge: MAX_AGE_MS };
  return createRemoteJWKSet(new URL(url), options);
}

/** The keys in a file: a JSON Web Key Set, or one public key as PEM. @throws {CONFIG_INVALID} when it holds neither. */
export function keysInFile(path: string): JwtKeys {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.includes('PRIVATE KEY')) throw new Error('it holds a private key; give the public one');
    if (!text.trimStart().startsWith('{')) {
      const key = createPublicKey(text);
      return async () => key;
    }
    const set = JSON.parse(text) as Parameters<typeof createLocalJWKSet>[0];
    if (set.keys.some((key) => key.d !== undefined || key.k !== undefined)) {
      throw new Error('it holds private keys or secrets; give the public ones');
    }
    return createLocalJWKSet(set);
  } catch (error) {
    const expected = 'expected a JSON Web Key Set or a public key as PEM (API_JWT_KEYS)';
    throw new GrapevineError('CONFIG_INVALID', `reading the keys in ${path}: ${messageOf(error)}; ${expected}`, {
      cause: error,
    });
  }
}
