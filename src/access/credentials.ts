import type { Caller } from './caller.ts';

/** Knows callers by what they show as `Authorization: Bearer …`. */
export interface Credentials {
  /**
   * The caller who shows this, as of now: what was revoked or has expired finds nobody. Undefined for whatever is not
   * known here. Rejects with {TOKENS_UNREADABLE} when that cannot be told; nobody may be let in then.
   */
  find(bearer: string): Promise<Caller | undefined>;
  /** Whether there is anybody it could find. */
  any(): Promise<boolean>;
}
