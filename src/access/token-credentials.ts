import type { Caller } from './caller.ts';
import type { Credentials } from './credentials.ts';
import { isActive, type TokenStore } from './token-store.ts';

/** Knows callers by their tokens. */
export class TokenCredentials implements Credentials {
  readonly #tokens: TokenStore;

  constructor(tokens: TokenStore) {
    this.#tokens = tokens;
  }

  async find(bearer: string): Promise<Caller | undefined> {
    const token = await this.#tokens.find(bearer);
    return token && { id: token.id, name: token.name, scopes: new Set(token.scopes) };
  }

  async any(): Promise<boolean> {
    return (await this.#tokens.list()).some(isActive);
  }
}
