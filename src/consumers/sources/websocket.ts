import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { messageOf } from '../../errors.ts';
import { beginningOf, connectionErrorOf } from './answers.ts';
import { ConnectionError, type ConnectionRun, type RawFrame } from './live-connection.ts';

/** A WebSocket to read. */
export interface WebSocketOptions {
  readonly url: string;
  /** The address as it may be shown. */
  readonly endpoint: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocols?: readonly string[];
  /** Longest time without any sign of life, milliseconds. */
  readonly silenceMs: number;
  /** Longest message, bytes, unpacked; a longer one is delivered as damaged, one of many times that size ends the connection. */
  readonly maxMessageBytes: number;
  /** What is said once the server has accepted. */
  readonly greetings?: readonly string[];
  /** Runs between the acceptance and the first frame. */
  readonly beforeFrames?: () => Promise<void>;
}

/** How much longer than a frame may be a message may be before the connection ends. */
const MESSAGE_FACTOR = 16;

/** Reads messages one after the other until the server closes; reading stops while one is being taken. */
export async function readWebSocket(options: WebSocketOptions, run: ConnectionRun): Promise<void> {
  const { url, endpoint, headers, protocols, silenceMs, maxMessageBytes } = options;
  if (run.signal.aborted) return;
  const socket = new WebSocket(url, [...(protocols ?? [])], {
    headers: { 'user-agent': 'grapevine', ...headers },
    maxPayload: maxMessageBytes * MESSAGE_FACTOR,
    handshakeTimeout: silenceMs,
  });
  const failure = firstFailure(socket, endpoint, silenceMs);
  const inbox = new Inbox(socket);
  const end = () => socket.terminate();
  run.signal.addEventListener('abort', end, { once: true });
  try {
    await new Promise<void>((resolve) => socket.once('open', resolve).once('close', () => resolve()));
    if (socket.readyState === WebSocket.OPEN) {
      run.onOpen();
      for (const greeting of options.greetings ?? []) socket.send(greeting);
      await options.beforeFrames?.();
    }
    for (let message = await inbox.next(); message && !run.signal.aborted; message = await inbox.next()) {
      await run.accept(frameOf(message, maxMessageBytes));
    }
    if (failure.error && !run.signal.aborted) throw failure.error;
  } finally {
    run.signal.removeEventListener('abort', end);
    end();
  }
}

/** Messages that came and are not yet taken: what one read from the network held, no more. */
class Inbox {
  readonly #socket: WebSocket;
  readonly #messages: Buffer[] = [];
  #wake = () => {};
  #closed = false;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.#messages.push(data);
      socket.pause();
      this.#wake();
    });
    socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** The next message, undefined when no more will come. */
  async next(): Promise<Buffer | undefined> {
    while (this.#messages.length === 0 && !this.#closed) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      this.#socket.resume();
      await woken;
    }
    return this.#messages.shift();
  }
}

/** Why a socket fails, once it has: a refusal, a fault of the network, or that it gives no sign of life. */
function firstFailure(socket: WebSocket, endpoint: string, silenceMs: number): { error?: ConnectionError } {
  const failure: { error?: ConnectionError } = {};
  let lastSign = performance.now();
  const alive = () => (lastSign = performance.now());
  for (const event of ['message', 'ping', 'pong', 'open'] as const) socket.on(event, alive);
  socket.on('unexpected-response', (_, response) => {
    void answerOf(response).then((answer) => {
      failure.error = connectionErrorOf(endpoint, answer);
      socket.terminate();
    });
  });
  socket.on('error', (error) => (failure.error ??= networkError(endpoint, error)));
  const pulse = setInterval(() => {
    // Nothing is read while a frame waits to be taken: that silence is ours.
    if (socket.readyState !== WebSocket.OPEN || socket.isPaused) alive();
    else if (performance.now() - lastSign > silenceMs) {
      failure.error = new ConnectionError('silent', `reading ${endpoint}: nothing came for ${silenceMs} ms`);
      socket.terminate();
    } else socket.ping();
  }, silenceMs / 4);
  socket.on('close', () => clearInterval(pulse));
  return failure;
}

function frameOf(message: Buffer, limit: number): RawFrame {
  if (message.length <= limit) return { value: message };
  const text = `reading a frame: it has ${message.length} bytes, the limit is ${limit}`;
  return { value: null, damage: { reason: 'too_large', message: text } };
}

async function answerOf(response: IncomingMessage) {
  const body = await beginningOf(response);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

function networkError(endpoint: string, error: unknown): ConnectionError {
  return new ConnectionError('network', `reading ${endpoint}: ${messageOf(error)}`, { cause: error });
}
