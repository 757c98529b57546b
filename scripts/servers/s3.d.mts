/** What an S3-compatible server for tests is started with. */
export interface S3Options {
  /** Buckets that are there. */
  readonly buckets: readonly string[];
  /** Calls the start off: the process is ended, and startS3 rejects. */
  readonly signal?: AbortSignal | undefined;
  /** Called when the started server ends without stop() or kill(). */
  readonly onExit?: ((error: Error) => void) | undefined;
}

/** A running S3-compatible server. */
export interface S3Server {
  /** URL for clients. */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Folder with a folder for each bucket. */
  readonly folder: string;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
  /** Sends a signal, SIGKILL unless given, and waits for the end of the process (not for SIGSTOP and SIGCONT). */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts the server, fetching its jars first when they are missing, and waits until it answers. */
export function startS3(options: S3Options): Promise<S3Server>;
