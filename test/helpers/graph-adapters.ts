import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FactEvent, type GraphEvent, isFactEvent } from '../../src/domain/graph.ts';
import type { GraphReader } from '../../src/graph/graph-reader.ts';
import type { GraphStore } from '../../src/graph/graph-store.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { Connection } from '../../src/graph/sqlite/connection.ts';
import { sqliteGraph } from '../../src/graph/sqlite/sqlite-graph.ts';

/** Time that a test moves by hand. */
export interface TestClock {
  nowMs: number;
}

/** One empty database; every `open` is a further process on it, as far as the store can tell. */
export interface TestDatabase extends AsyncDisposable {
  open(): Promise<OpenGraph>;
  /** Removes everything, as if the database had just been made. */
  clear(): Promise<void>;
}

/** A kind of graph under test. */
export interface GraphAdapter {
  readonly name: string;
  /** An empty database. */
  database(clock: TestClock): Promise<TestDatabase>;
}

/** SQLite in a temporary folder. */
export const sqliteAdapter: GraphAdapter = {
  name: 'sqlite',
  async database(clock) {
    const folder = await mkdtemp(join(tmpdir(), 'grapevine-graph-'));
    const path = join(folder, 'graph.db');
    return databaseOf({
      open: () => sqliteGraph({ path, clock: () => clock.nowMs }),
      clear: async () => clearSqlite(path),
      remove: () => rm(folder, { recursive: true, force: true }),
    });
  },
};

function clearSqlite(path: string): void {
  using connection = new Connection({ path, busyTimeoutMs: 5000 });
  connection.transaction(() => {
    for (const table of [
      'evidence',
      'mention',
      'image',
      'post',
      'author',
      'entity',
      'surface',
      'search_term',
      'fact_past',
      'fact',
      'hot_fact',
      'hot_part',
      'outbox',
      'lease',
      'marks',
      'decision',
      'decision_subject',
      'redirect',
      'rejected',
      'alert_delivery',
      'alert_state',
      'alert',
      'watched',
      'alert_rule',
      'alert_silence',
      'alert_channel',
    ]) {
      connection.run(`DELETE FROM ${table}`);
    }
    connection.run("DELETE FROM meta WHERE name IN ('alert_position', 'alert_revision', 'alert_rules_revision')");
    connection.run("UPDATE meta SET value = '0' WHERE name = 'last_position'");
  });
}

/** A database that closes whatever was opened on it. */
export function databaseOf(options: {
  open: () => Promise<OpenGraph>;
  clear: () => Promise<void>;
  remove: () => Promise<void>;
}): TestDatabase {
  const opened: OpenGraph[] = [];
  return {
    clear: options.clear,
    async open() {
      const graph = await options.open();
      opened.push(graph);
      return graph;
    },
    async [Symbol.asyncDispose]() {
      for (const { store, reader } of opened) {
        await reader[Symbol.asyncDispose]();
        await store[Symbol.asyncDispose]();
      }
      await options.remove();
    },
  };
}

/** Relays everything that waits and returns it. */
export async function relayAll(store: GraphStore, holder = 'test'): Promise<readonly GraphEvent[]> {
  const events: GraphEvent[] = [];
  const publish = async (batch: readonly GraphEvent[]) => void events.push(...batch);
  while ((await store.relayEvents({ holder, leaseMs: 1000, limit: 100, publish })) > 0);
  return events;
}

/** Relays everything that waits and returns what tells of facts. */
export async function relayFacts(store: GraphStore): Promise<readonly FactEvent[]> {
  return (await relayAll(store)).filter(isFactEvent);
}

/** All lines of a graph's digest. */
export async function linesOf(reader: GraphReader): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of reader.digestLines()) lines.push(line);
  return lines;
}
