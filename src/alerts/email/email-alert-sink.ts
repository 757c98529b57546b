import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { createTransport } from 'nodemailer';
import type { ResolveHost } from '../../network/guarded-agent.ts';
import { withoutBrackets } from '../../network/web-url.ts';
import type { AlertMessage, AlertSink, DeliveryAttempt } from '../alert-sink.ts';
import { chatText } from '../chat/chat-text.ts';

/** Which server takes the letters, for whom, and what it is held to. */
export interface EmailAlertSinkOptions {
  /** `smtps://HOST[:PORT]`, or `smtp://…`, where TLS begins after the greeting. */
  readonly server: string;
  readonly login: { readonly user: string; readonly pass: string } | undefined;
  readonly from: string;
  readonly to: readonly string[];
  /** Judges every IP address that the name of the server stands for. */
  readonly allowAddress: (address: string) => boolean;
  /** False where a letter may go in clear. */
  readonly requireTls: boolean;
  readonly timeoutMs: number;
  /** @default the system's resolver */
  readonly resolve?: ResolveHost;
}

/** Letters of which is remembered who has not got them; beyond that all their readers get one again. */
const MAX_LEFT = 1_000;

/** Sends alerts as letters. All attempts of a message have one Message-ID. */
export class EmailAlertSink implements AlertSink {
  readonly #options: EmailAlertSinkOptions;
  /** Who has not got a letter that others of its readers have, by its message. */
  readonly #left = new Map<string, readonly string[]>();

  constructor(options: EmailAlertSinkOptions) {
    this.#options = options;
  }

  async deliver(message: AlertMessage): Promise<DeliveryAttempt> {
    const startMs = performance.now();
    const outcome = await this.#sendInTime(message);
    return { delivered: outcome === 'ok', outcome, milliseconds: Math.round(performance.now() - startMs) };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  /** A server that answers each command slowly, or a resolver that does not answer, ends with the time as well. */
  async #sendInTime(message: AlertMessage): Promise<string> {
    const over = new AbortController();
    const late = setTimeout(() => over.abort(), this.#options.timeoutMs);
    const aborted = new Promise<string>((resolve) => {
      over.signal.addEventListener('abort', () => resolve('timeout'), { once: true });
    });
    try {
      return await Promise.race([this.#send(message, over.signal), aborted]);
    } finally {
      clearTimeout(late);
    }
  }

  async #send(message: AlertMessage, signal: AbortSignal): Promise<string> {
    const { server, login, from, to, requireTls, timeoutMs } = this.#options;
    const { protocol, hostname, port } = new URL(server);
    const host = withoutBrackets(hostname);
    const address = await this.#addressOf(host);
    if ('outcome' in address) return address.outcome;
    if (signal.aborted) return 'timeout';
    const secure = protocol === 'smtps:';
    const transport = createTransport({
      host: address.address,
      port: Number(port) || (secure ? 465 : 587),
      secure,
      requireTLS: requireTls,
      tls: isIP(host) === 0 ? { servername: host } : {},
      ...(login && { auth: login }),
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    signal.addEventListener('abort', () => transport.close(), { once: true });
    try {
      const readers = this.#left.get(message.id) ?? to;
      const letter = { from, to: [...readers], messageId: `<${message.id}@grapevine>`, ...letterOf(message) };
      const { rejected, rejectedErrors } = await transport.sendMail(letter);
      return this.#settle(message.id, rejected.map(String), rejectedErrors?.[0]);
    } catch (error) {
      return outcomeOf(error as SmtpError);
    } finally {
      transport.close();
    }
  }

  /** Where some are refused the letter is not delivered yet, and the next attempt is for them alone. */
  #settle(id: string, rejected: readonly string[], error: SmtpError | undefined): string {
    this.#left.delete(id);
    if (rejected.length === 0) return 'ok';
    if (this.#left.size >= MAX_LEFT) this.#left.delete(this.#left.keys().next().value ?? '');
    this.#left.set(id, rejected);
    return error ? outcomeOf(error) : 'network';
  }

  /** One forbidden address among several refuses the name; what is connected to is an address that was judged. */
  async #addressOf(host: string): Promise<{ readonly address: string } | { readonly outcome: string }> {
    const { allowAddress, resolve = (name: string) => lookup(name, { all: true }) } = this.#options;
    try {
      const found = isIP(host) === 0 ? (await resolve(host)).map(({ address }) => address) : [host];
      const [address] = found;
      return address !== undefined && found.every(allowAddress) ? { address } : { outcome: 'blocked_address' };
    } catch {
      return { outcome: 'network' };
    }
  }
}

interface SmtpError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
}

function letterOf(message: AlertMessage): { subject: string; text: string; date: Date } {
  const { title, text, evidence } = chatText(message);
  const said = evidence.map(({ text: each, url }) => `${each}${url === undefined ? '' : `\n${url}`}`);
  return {
    subject: title.replaceAll(/\p{C}+/gu, ' '),
    text: [text, ...said].join('\n\n'),
    date: new Date(message.atMs),
  };
}

function outcomeOf({ code, responseCode }: SmtpError): string {
  if (code === 'ETLS') return 'tls';
  if (responseCode !== undefined && responseCode >= 400) return `smtp_${responseCode}`;
  return code === 'ETIMEDOUT' ? 'timeout' : 'network';
}
