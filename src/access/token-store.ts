import type { Scope } from './caller.ts';

/** What is kept of a token; not the token itself. */
export interface Token {
  /** 12 hex digits; they stand in the token, too. */
  readonly id: string;
  /** What it is for, in its maker's words. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** The token's last characters, by which a person tells tokens apart. */
  readonly ending: string;
  /** ISO 8601, as all times here. */
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly revokedAt?: string;
}

/** What a token is made of. */
export interface NewToken {
  readonly name: string;
  /** Those they imply are added. */
  readonly scopes: readonly Scope[];
  /** Without one it holds until it is revoked. */
  readonly expiresAt?: string | undefined;
}

/**
 * Keeps API tokens as hashes. Safe to use from several processes at once: what one creates or revokes holds for all from
 * then on. Every call rejects with {TOKENS_UNREADABLE} when the store cannot be read or written.
 */
export interface TokenStore {
  /** Makes a token. Its text is in the answer and nowhere else. */
  create(token: NewToken): Promise<{ readonly token: Token; readonly text: string }>;
  /** All tokens, revoked and expired ones included, the oldest first. */
  list(): Promise<readonly Token[]>;
  /** Ends a token for good, and returns it; undefined when there is none of this id. Once more changes nothing. */
  revoke(id: string): Promise<Token | undefined>;
  /** The token of this text, unless it was revoked or has expired. */
  find(text: string): Promise<Token | undefined>;
}

/** Whether a token lets its holder in now. */
export function isActive(token: Token): boolean {
  return token.revokedAt === undefined && (token.expiresAt === undefined || Date.now() < Date.parse(token.expiresAt));
}
