/** What a Neo4j for tests is started with. */
export interface Neo4jOptions {
  /** Folder of the data, kept after stop(); without it a temporary one, removed by stop(). */
  readonly dataDir?: string | undefined;
  /** Bolt port; without it a free one. */
  readonly port?: number | undefined;
  /** Password of user neo4j, at least 8 characters; 'grapevine-test' unless given. */
  readonly password?: string | undefined;
  /** Largest heap, as for -Xmx; '768m' unless given. */
  readonly heap?: string | undefined;
  /** Compiles as a server in production does, which a test does not live long enough to gain from. */
  readonly isMeasured?: boolean | undefined;
  /** Calls the start off: the process is ended, and startNeo4j rejects. */
  readonly signal?: AbortSignal | undefined;
  /** Called when the started server ends without stop() or kill(). */
  readonly onExit?: ((error: Error) => void) | undefined;
}

/** A running Neo4j. */
export interface Neo4jServer {
  /** `neo4j://host:port`, for the driver. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly port: number;
  /** File with everything the process has printed. */
  readonly logFile: string;
  /** Process id while it runs. */
  readonly pid: number | undefined;
  /** Ends the server in order (SIGKILL after 12 s) and removes temporary data. */
  stop(): Promise<void>;
  /** Sends a signal, SIGKILL unless given, and waits for the end of the process (not for SIGSTOP and SIGCONT). */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again with the same data and port, after stopping it if it runs; waits until Bolt accepts. */
  restart(): Promise<void>;
}

/** Starts Neo4j, fetching its jars first when they are missing, and waits until Bolt accepts connections. */
export function startNeo4j(options?: Neo4jOptions): Promise<Neo4jServer>;
