import type { IncomingHttpHeaders } from 'node:http';
import { callerShowing } from './bearer.ts';
import type { Credentials } from './credentials.ts';
import { isLoopbackHost, isProxied, refuseForeign } from './host-guard.ts';

/** Who may read the metrics of a process. */
export interface MetricsGuardOptions {
  /** Address the server listens on. */
  readonly host: string;
  readonly credentials: readonly Credentials[];
  /** Let everybody read them: only scrapers reach the address. */
  readonly isOpen: boolean;
}

/** Why somebody may not read them. */
export interface MetricsRefusal {
  readonly status: 401 | 403 | 503;
  readonly message: string;
}

/** Lets this machine read metrics, and others with a token: the rule that the API keeps for its own. */
export class MetricsGuard {
  readonly #options: MetricsGuardOptions;

  constructor(options: MetricsGuardOptions) {
    this.#options = options;
  }

  /** Why the sender of a request may not read the metrics; undefined when they may. */
  async refuse(headers: IncomingHttpHeaders): Promise<MetricsRefusal | undefined> {
    const { host, credentials, isOpen } = this.#options;
    if (isOpen) return undefined;
    const isLocal = isLoopbackHost(host);
    const foreign = isLocal ? refuseForeign(headers) : undefined;
    if (foreign !== undefined) return { status: 403, message: foreign };
    const shown = headers.authorization;
    if (shown === undefined && isLocal && !isProxied(headers)) return undefined;
    if (shown === undefined) return { status: 401, message: TAKES_A_TOKEN };
    try {
      const caller = await callerShowing(shown, credentials);
      if (caller?.scopes.has('read')) return undefined;
      if (caller) return { status: 403, message: 'This takes the scope "read", which the token does not have.' };
    } catch {
      return { status: 503, message: 'Whether the token holds cannot be told now; try again later.' };
    }
    return { status: 401, message: 'The token is not known, has expired or was revoked.' };
  }
}

const TAKES_A_TOKEN =
  'This takes a token: "Authorization: Bearer …", or METRICS_OPEN where only scrapers reach the address.';
