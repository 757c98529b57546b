/** A further listener of a single node. */
export interface Listener {
  readonly port: number;
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
}

/** What a Kafka for tests is started with. */
export interface KafkaOptions {
  /** Folder of the data, kept after stop(); without it a temporary one, removed by stop(). */
  readonly dataDir?: string | undefined;
  /** Port of node 0, node 1 has the next one, and so on; without it free ports. */
  readonly port?: number | undefined;
  /** Number of nodes, each a broker and a controller; 1 unless given. Replication factors follow it, up to 3. */
  readonly brokers?: number | undefined;
  /** Further lines of server.properties; they win over the launcher's own. */
  readonly config?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Further listeners by name; their keys and logins are a matter of `config`. */
  readonly listeners?: Readonly<Record<string, Listener>> | undefined;
  /** Further arguments of the storage format, such as `--add-scram`. */
  readonly format?: readonly string[] | undefined;
  /** Largest heap of each node, as for -Xmx; '512m' unless given. */
  readonly heap?: string | undefined;
  /** Calls the start off: what has been started is ended, and startKafka rejects. */
  readonly signal?: AbortSignal | undefined;
  /** Called when a started node ends without stop() or kill(). */
  readonly onExit?: ((error: Error) => void) | undefined;
}

/** One node of a running Kafka. */
export interface KafkaNode {
  /** Node id in the cluster's metadata, equal to the index for kill() and restart(). */
  readonly id: number;
  readonly port: number;
  /** `host:port` that clients connect to. */
  readonly address: string;
  /** File with everything the node has printed. */
  readonly logFile: string;
  /** Process id while it runs. */
  readonly pid: number | undefined;
}

/** A running Kafka. */
export interface KafkaServers {
  /** `host:port` of all nodes, joined by commas. */
  readonly brokers: string;
  readonly nodes: readonly KafkaNode[];
  /** Ends all nodes in order (SIGKILL after 12 s) and removes temporary data. */
  stop(): Promise<void>;
  /** Sends a signal to node i, SIGKILL unless given, and waits for its end (not for SIGSTOP and SIGCONT). */
  kill(i: number, signal?: NodeJS.Signals): Promise<void>;
  /** Starts node i again with the same data and port, after stopping it if it runs; waits until it answers. */
  restart(i: number): Promise<void>;
}

/** Starts Kafka, fetching its jars first when they are missing, and waits until every broker answers and knows all others. */
export function startKafka(options?: KafkaOptions): Promise<KafkaServers>;
