import type { Neo4jClient } from '../client.ts';

/**
 * Brings a database one schema version further. Each must bear being run twice, because Neo4j changes data and schema in
 * transactions apart. A released one never changes.
 */
export interface Migration {
  /** Completes "this migration …". */
  readonly does: string;
  apply(client: Neo4jClient): Promise<void>;
}

/** Runs schema statements one after the other. */
export async function inTurn(client: Neo4jClient, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await client.schema(statement);
}
