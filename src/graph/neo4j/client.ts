import neo4j, { type Driver, type ManagedTransaction, type RecordShape } from 'neo4j-driver';
import { GrapevineError } from '../../errors.ts';
import { describeNeo4jError, isAftermath, isLostRace } from './describe-error.ts';

/** Times that a transaction is begun again because another one deleted a node it had found, or made the same index. */
const RACE_ATTEMPTS = 5;

/** Where a Neo4j is and how to log in. */
export interface Neo4jConnection {
  /** `neo4j://…` or `bolt://…`. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly database: string;
  /** How long the driver repeats a transaction that failed in passing. */
  readonly transactionRetryMs: number;
  /** Events are written as history, at which no alert rule fires. @default false */
  readonly quiet?: boolean;
}

/** Parameters of a statement; integers must come from `integer`. */
export type Parameters = Readonly<Record<string, unknown>>;

/** Runs one statement of a transaction and gives its rows. */
export interface Run {
  <T>(cypher: string, parameters?: Parameters): Promise<readonly T[]>;
  /** True where events are written as history. */
  readonly quiet?: boolean;
}

/** One driver on one database. Errors come out as `GrapevineError`. */
export class Neo4jClient implements AsyncDisposable {
  readonly #driver: Driver;
  readonly #options: Neo4jConnection;
  #wasConnected = false;

  constructor(options: Neo4jConnection) {
    this.#options = options;
    try {
      this.#driver = neo4j.driver(options.url, neo4j.auth.basic(options.username, options.password), {
        disableLosslessIntegers: true,
        maxTransactionRetryTime: options.transactionRetryMs,
        connectionAcquisitionTimeout: options.transactionRetryMs,
        connectionTimeout: Math.min(5000, options.transactionRetryMs),
        userAgent: 'grapevine',
      });
    } catch (cause) {
      throw new GrapevineError(
        'GRAPH_UNREACHABLE',
        'opening the graph: its URL is not a Bolt address; check GRAPH_URL',
        { cause },
      );
    }
  }

  /** Checks that the database answers and takes the password. */
  async connect(): Promise<void> {
    await this.#guard(() => this.#driver.verifyConnectivity({ database: this.#options.database }));
    await this.read('RETURN 1');
    this.#wasConnected = true;
  }

  /** Rows of one reading statement. */
  async read<T>(cypher: string, parameters: Parameters = {}): Promise<readonly T[]> {
    const { database } = this.#options;
    const result = await this.#guard(() =>
      this.#driver.executeQuery(cypher, parameters, { database, routing: 'READ' }),
    );
    return result.records.map((record) => record.toObject() as T);
  }

  /** Runs a schema statement, in a transaction of its own; again where another process has just made the same. */
  async schema(cypher: string): Promise<void> {
    await this.#guard(() =>
      retryRace(() => this.#driver.executeQuery(cypher, {}, { database: this.#options.database })),
    );
  }

  /** Runs `work` in one writing transaction, begun again when it fails in passing. */
  async write<T>(work: (run: Run) => Promise<T>): Promise<T> {
    return this.#guard(() => retryRace(() => this.#writeOnce(work)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#driver.close();
  }

  async #writeOnce<T>(work: (run: Run) => Promise<T>): Promise<T> {
    const session = this.#driver.session({ database: this.#options.database });
    try {
      return await session.executeWrite((transaction) =>
        runStatements(transaction, work, this.#options.quiet ?? false),
      );
    } finally {
      await session.close();
    }
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof GrapevineError) throw error;
      throw describeNeo4jError(error, { ...this.#options, wasConnected: this.#wasConnected });
    }
  }
}

/** A whole number as Neo4j's INTEGER; plain numbers become FLOAT. */
export function integer(value: number) {
  return neo4j.int(value);
}

/** Runs a statement that takes `$rows`, unless there are none. */
export async function forRows(run: Run, cypher: string, rows: readonly unknown[]): Promise<void> {
  if (rows.length > 0) await run(cypher, { rows });
}

/**
 * Runs work whose statements may be under way together. Once one has failed the others fail too, some for the sole reason
 * that it did: what comes out is the reason, whichever of them is heard of first.
 */
async function runStatements<T>(
  transaction: ManagedTransaction,
  work: (run: Run) => Promise<T>,
  quiet: boolean,
): Promise<T> {
  const sent: Promise<unknown>[] = [];
  const run = <R>(cypher: string, parameters: Parameters = {}): Promise<readonly R[]> => {
    const rows = transaction
      .run<RecordShape>(cypher, parameters)
      .then(({ records }) => records.map((record) => record.toObject() as R));
    sent.push(rows);
    return rows;
  };
  try {
    return await work(Object.assign(run, { quiet }));
  } catch (error) {
    if (!isAftermath(error)) throw error;
    const settled = await Promise.allSettled(sent);
    const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    throw reasons.find((reason) => !isAftermath(reason)) ?? error;
  }
}

async function retryRace<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= RACE_ATTEMPTS || !isLostRace(error)) throw error;
    }
  }
}
