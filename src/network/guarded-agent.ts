import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { withoutBrackets } from './web-url.ts';

/** All addresses of a name. */
export type ResolveHost = (hostname: string) => Promise<readonly LookupAddress[]>;

/** What connections are held to. */
export interface GuardedAgentOptions {
  /** Judges an IP address without brackets. */
  readonly allowAddress: (address: string) => boolean;
  readonly resolve: ResolveHost;
  /** Longest time until a connection stands, names and TLS included, milliseconds. */
  readonly connectTimeoutMs: number;
  /** Most connections to one origin. */
  readonly connections: number;
}

/** A connection was refused because of the address it would have gone to. */
export class BlockedAddressError extends Error {
  override readonly name = 'BlockedAddressError';
}

/**
 * An HTTP client that connects to allowed addresses only.
 *
 * Each connection is judged three times: an IP literal before anything is sent, because Node looks up names only; all
 * answers of a name's one lookup, which are also the addresses connected to, so that a second answer is never asked for;
 * and the address the socket says it reached.
 */
export function guardedAgent(options: GuardedAgentOptions): Agent {
  const { allowAddress, connections, connectTimeoutMs } = options;
  const connectAnywhere = buildConnector({ timeout: connectTimeoutMs, lookup: guardedLookup(options) });
  const connect: buildConnector.connector = (target, callback) => {
    const host = withoutBrackets(target.hostname);
    if (isIP(host) !== 0 && !allowAddress(host)) {
      callback(refusal(), null);
      return;
    }
    connectAnywhere(target, (...[error, socket]) => {
      if (error) {
        callback(error, null);
      } else if (allowAddress(socket.remoteAddress ?? '')) {
        callback(null, socket);
      } else {
        socket.destroy();
        callback(refusal(), null);
      }
    });
  };
  return new Agent({ connect, connections, pipelining: 1 });
}

/** One forbidden answer among several refuses the name: whoever mixes them means the forbidden one. */
function guardedLookup({ allowAddress, resolve }: GuardedAgentOptions): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (answers) => {
        const first = answers[0];
        if (!first || !answers.every(({ address }) => allowAddress(address))) callback(refusal(), []);
        else if (options.all) callback(null, [...answers]);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}

function refusal(): BlockedAddressError {
  return new BlockedAddressError('connecting: the address is not one that may be connected to');
}
