import { type Dispatcher, errors, request } from 'undici';
import { GrapevineError, messageOf } from '../../errors.ts';
import { JsonlRecordSource } from '../jsonl/jsonl-record-source.ts';
import { beginningOf, connectionErrorOf } from './answers.ts';
import { ConnectionError, type ConnectionRun } from './live-connection.ts';

/** A response that is read line by line for as long as it lasts. */
export interface HttpLinesOptions {
  readonly url: string;
  /** The address as it may be shown. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
  /** Longest time without any byte, milliseconds. */
  readonly silenceMs: number;
  /** Longest line, bytes; a longer one is delivered as damaged. */
  readonly maxLineBytes: number;
}

/** Reads lines until the server ends the response; half a line at its end is dropped, it comes again whole. */
export async function readHttpLines(options: HttpLinesOptions, run: ConnectionRun): Promise<void> {
  const { url, endpoint, headers, dispatcher, silenceMs, maxLineBytes } = options;
  try {
    const {
      statusCode,
      headers: answered,
      body,
    } = await request(url, {
      headers: { 'user-agent': 'grapevine', ...headers },
      dispatcher,
      signal: run.signal,
      headersTimeout: silenceMs,
      bodyTimeout: silenceMs,
    });
    if (statusCode !== 200) {
      const text = await beginningOf(body);
      throw connectionErrorOf(endpoint, { status: statusCode, headers: answered, body: text });
    }
    run.onOpen();
    const lines = new JsonlRecordSource({ input: body, maxLineBytes, wholeLinesOnly: true });
    await lines.run(({ value, damage }) => run.accept({ value, ...(damage && { damage }) }));
  } catch (error) {
    if (run.signal.aborted) return;
    throw connectionFault(endpoint, error, silenceMs);
  }
}

/** What went wrong with a request or its response, as why the connection ended. */
export function connectionFault(endpoint: string, error: unknown, silenceMs: number): unknown {
  const cause = error instanceof GrapevineError && error.code === 'INPUT_UNREADABLE' ? error.cause : error;
  if (cause instanceof ConnectionError) return cause;
  if (cause instanceof errors.BodyTimeoutError || cause instanceof errors.HeadersTimeoutError) {
    return new ConnectionError('silent', `reading ${endpoint}: nothing came for ${silenceMs} ms`, { cause });
  }
  const code = (cause as { code?: unknown } | null)?.code;
  // Undici and Node give every fault of the network a code; what has none is a fault of ours.
  if (typeof code !== 'string' || cause instanceof GrapevineError) return error;
  return new ConnectionError('network', `reading ${endpoint}: ${messageOf(cause)}`, { cause });
}
