/** Why a connection to a platform ended: decides how long the next one waits. */
export type DisconnectReason =
  /** The server ended it, or it broke. */
  | 'closed'
  | 'network'
  /** Nothing came for too long. */
  | 'silent'
  /** The server answered with an error that may pass. */
  | 'http'
  | 'rate_limited'
  /** The server answered that it will not, whatever comes later: credentials, address or rules are wrong. */
  | 'refused';

/** A connection that could not be made or ended with a fault. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly reason: DisconnectReason;
  /** How long the server asks to wait, milliseconds. */
  readonly waitMs: number | undefined;

  constructor(reason: DisconnectReason, message: string, options: { waitMs?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.waitMs = options.waitMs;
  }
}

/** A frame as it came over the wire. */
export interface RawFrame {
  readonly value: Uint8Array | null;
  /** What is wrong with it before it can be decoded. */
  readonly damage?: { readonly reason: string; readonly message: string };
}

/** One run of a connection. */
export interface ConnectionRun {
  /** Where the stream is to go on; undefined: at what is new. */
  readonly cursor: string | undefined;
  /** Ends the connection. */
  readonly signal: AbortSignal;
  /** Called once the server has accepted. */
  readonly onOpen: () => void;
  /** Takes the next frame; the connection reads no further until it resolves. */
  readonly accept: (frame: RawFrame) => Promise<void>;
}

/** A stream of a platform that can be connected to again and again. */
export interface LiveConnection extends AsyncDisposable {
  /** Names the platform in logs and metrics. */
  readonly name: string;
  /** Where it connects to, without secrets: cursors are only exact at one place. */
  readonly endpoint: string;
  /** Where cursors come from: the frames themselves, or, where those have none, the time they came, epoch milliseconds. */
  readonly cursors: 'frames' | 'clock';
  /** Delivers frames until the server ends the stream or the signal aborts. @throws {ConnectionError} */
  run(run: ConnectionRun): Promise<void>;
  /** A cursor that lies about so many milliseconds before the given one. */
  rewind(cursor: string, ms: number): string;
}
