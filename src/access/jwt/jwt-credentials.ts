import { errors, type JWTPayload, jwtVerify } from 'jose';
import { GrapevineError, messageOf } from '../../errors.ts';
import { type Caller, isScope, type Scope, withImplied } from '../caller.ts';
import type { Credentials } from '../credentials.ts';
import type { JwtKeys } from './jwt-keys.ts';

/** Which JSON Web Tokens let their holder in, and with which scopes. */
export interface JwtRules {
  /** Only tokens of this issuer, `iss`. */
  readonly issuer: string;
  /** Only tokens made for this audience, one of `aud`. */
  readonly audience: string;
  /** The claim that holds scopes: a text of words, or a list. */
  readonly scopeClaim: string;
  /** What stands before `read`, `write` or `admin` in it; other words mean nothing here. */
  readonly scopePrefix: string;
}

/**
 * Signatures with a key pair. A shared secret or no signature at all is never accepted, whatever the token says of itself:
 * a public key must not be taken for a secret.
 */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** How far the clocks of issuer and server may be apart, seconds. */
const CLOCK_TOLERANCE_S = 30;

/** Longest name of a caller that is kept, UTF-16 code units. */
const MAX_NAME = 200;

const NO_SUCH_KEY = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** Knows callers by JSON Web Tokens of one issuer. They are read anew for every request, so that they end when they say. */
export class JwtCredentials implements Credentials {
  readonly #keys: JwtKeys;
  readonly #rules: JwtRules;

  constructor(keys: JwtKeys, rules: JwtRules) {
    this.#keys = keys;
    this.#rules = rules;
  }

  async find(bearer: string): Promise<Caller | undefined> {
    if (!JWT.test(bearer)) return undefined;
    const { issuer, audience } = this.#rules;
    try {
      const { payload } = await jwtVerify(bearer, (header, token) => this.#keyFor(header, token), {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: CLOCK_TOLERANCE_S,
      });
      return this.#callerOf(payload);
    } catch (error) {
      // Whatever else is wrong is wrong with the token.
      if (error instanceof GrapevineError) throw error;
      return undefined;
    }
  }

  async any(): Promise<boolean> {
    return true;
  }

  /** A key that its issuer does not have is the token's fault; keys that cannot be had are not. */
  async #keyFor(...token: Parameters<JwtKeys>): Promise<Awaited<ReturnType<JwtKeys>>> {
    try {
      return await this.#keys(...token);
    } catch (error) {
      if (NO_SUCH_KEY.some((kind) => error instanceof kind)) throw error;
      const problem = `reading the keys of ${this.#rules.issuer}: ${messageOf(error)}`;
      throw new GrapevineError('TOKENS_UNREADABLE', problem, { retryable: true, cause: error });
    }
  }

  #callerOf(claims: JWTPayload): Caller | undefined {
    const { sub = '', name } = claims;
    if (sub === '' || sub.length > MAX_NAME) return undefined;
    const shown = typeof name === 'string' && name !== '' ? name.slice(0, MAX_NAME) : sub;
    return { id: `jwt:${sub}`, name: shown, scopes: new Set(withImplied(this.#scopesIn(claims))) };
  }

  #scopesIn(claims: JWTPayload): readonly Scope[] {
    const { scopeClaim, scopePrefix } = this.#rules;
    const found = Object.hasOwn(claims, scopeClaim) ? claims[scopeClaim] : undefined;
    const words: readonly unknown[] = typeof found === 'string' ? found.split(' ') : Array.isArray(found) ? found : [];
    return words.flatMap((word) => {
      if (typeof word !== 'string' || !word.startsWith(scopePrefix)) return [];
      const scope = word.slice(scopePrefix.length);
      return isScope(scope) ? [scope] : [];
    });
  }
}
