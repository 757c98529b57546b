import type { IncomingHttpHeaders } from 'node:http';
import type { GraphQLError } from 'graphql';
import { callerShowing } from '../access/bearer.ts';
import { type Caller, SCOPES, type Scope } from '../access/caller.ts';
import type { Credentials } from '../access/credentials.ts';
import { isLoopbackHost, isProxied, refuseForeign } from '../access/host-guard.ts';
import { GrapevineError, messageOf } from '../errors.ts';
import type { RefusalReason } from '../telemetry/events.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { refusal } from './errors.ts';

/** Someone who was let in. */
export interface Admission {
  readonly caller: Caller;
  /** Whether they would be let in once more: a stream outlives the token it was begun with. */
  stillHolds(): Promise<boolean>;
}

/** Who is let in. */
export interface GateOptions {
  /** Address the server listens on. */
  readonly host: string;
  readonly credentials: readonly Credentials[];
  readonly requireToken: boolean;
  /** Origins whose pages may ask. */
  readonly corsOrigins: ReadonlySet<string>;
  readonly telemetry: Telemetry;
}

/** Whoever can reach loopback can read the database as well. */
const THIS_MACHINE: Caller = { id: 'local', name: 'this machine', scopes: new Set(SCOPES) };

const CHALLENGE = 'Bearer realm="grapevine"';

/** Decides for each request who asks and whether they may. */
export class Gate {
  readonly #options: GateOptions;
  readonly #takesStrangers: boolean;

  private constructor(options: GateOptions, takesStrangers: boolean) {
    this.#options = options;
    this.#takesStrangers = takesStrangers;
  }

  /** @throws {CONFIG_INVALID} when a token is needed and there is none that works. */
  static async open(options: GateOptions): Promise<Gate> {
    const { host, credentials, requireToken } = options;
    const takesStrangers = isLoopbackHost(host) && !requireToken;
    if (takesStrangers || (await isAnyInUse(credentials))) return new Gate(options, takesStrangers);
    const why = isLoopbackHost(host)
      ? 'API_REQUIRE_TOKEN is set and no token works'
      : 'whoever reaches this address could read the graph, and no token works. Only localhost, 127.0.0.1 and ::1 do without one';
    throw new GrapevineError(
      'CONFIG_INVALID',
      `starting the API on ${host}: ${why}. Make one with "grapevine token create --name NAME" and the same API_TOKENS_DIR.`,
    );
  }

  /** Why a web page's request is refused where no token is asked for, or undefined. Pages do not have tokens they could send. */
  refuseForeign(headers: IncomingHttpHeaders): string | undefined {
    const reason = this.#takesStrangers ? refuseForeign(headers, this.#options.corsOrigins) : undefined;
    if (reason !== undefined) this.#note('foreign');
    return reason;
  }

  /** Lets the sender of a request in, or says why not. A token that is shown must hold, also where none is needed. */
  async admit(headers: IncomingHttpHeaders): Promise<Admission | GraphQLError> {
    const shown = headers.authorization;
    if (shown === undefined && !this.#takesStrangers) {
      return this.#unauthenticated('no_token', 'This takes a token: send it as "Authorization: Bearer …".');
    }
    if (shown === undefined && isProxied(headers)) {
      return this.#unauthenticated('proxy', 'This came through a proxy, and takes a token: "Authorization: Bearer …".');
    }
    if (shown === undefined) return { caller: THIS_MACHINE, stillHolds: async () => true };
    try {
      const caller = await this.#callerOf(shown);
      if (caller) return { caller, stillHolds: async () => (await this.#callerOf(shown)) !== undefined };
    } catch (error) {
      this.#options.telemetry.logger.error({ reason: messageOf(error) }, 'whether a token holds cannot be told');
      return refusal('TOKENS_UNREADABLE', 'Whether the token holds cannot be told now; try again later.', 503);
    }
    return this.#unauthenticated('bad_token', 'The token is not known, has expired or was revoked.');
  }

  /** Why someone may not do what takes the scope; undefined when they may. */
  refuse(admission: Admission | undefined, scope: Scope): GraphQLError | undefined {
    if (!admission)
      return this.#unauthenticated('no_token', 'This takes a token: send it as "Authorization: Bearer …".');
    const { caller } = admission;
    if (caller.scopes.has(scope)) return undefined;
    this.#note('scope', caller);
    return refusal('FORBIDDEN', `This takes the scope "${scope}", which the token does not have.`, 403, {
      'www-authenticate': `${CHALLENGE}, error="insufficient_scope", scope="${scope}"`,
    });
  }

  /** Refuses an address of a picture that was not made here or whose time is over. */
  refuseLink(): GraphQLError {
    this.#note('link');
    const message = 'The address of the picture is not signed, or its time is over; ask for thumbnailUrl again.';
    return refusal('FORBIDDEN', message, 403);
  }

  /** What ends a stream whose token does not hold any more. */
  ended(admission: Admission): GraphQLError {
    this.#note('bad_token', admission.caller);
    return refusal('UNAUTHENTICATED', 'The token has expired or was revoked.', 401);
  }

  #callerOf(authorization: string): Promise<Caller | undefined> {
    return callerShowing(authorization, this.#options.credentials);
  }

  #unauthenticated(reason: RefusalReason, message: string): GraphQLError {
    this.#note(reason);
    const challenge = reason === 'bad_token' ? `${CHALLENGE}, error="invalid_token"` : CHALLENGE;
    return refusal('UNAUTHENTICATED', message, 401, { 'www-authenticate': challenge });
  }

  #note(reason: RefusalReason, caller?: Caller): void {
    this.#options.telemetry.events.requestRefused({ reason, ...(caller && { caller: caller.id }) });
  }
}

async function isAnyInUse(credentials: readonly Credentials[]): Promise<boolean> {
  for (const one of credentials) if (await one.any()) return true;
  return false;
}
