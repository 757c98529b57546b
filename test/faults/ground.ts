import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KafkaServers } from '../../scripts/servers/kafka.mjs';
import { startKafka } from '../../scripts/servers/kafka.mjs';
import type { Neo4jServer } from '../../scripts/servers/neo4j.mjs';
import { startNeo4j } from '../../scripts/servers/neo4j.mjs';
import { askNeo4j } from '../helpers/graph-servers.ts';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy.ts';
import { PICTURES } from './posts.ts';
import type { GraphPlace } from './worker/orders.ts';

/** Which servers a run stands on. */
export interface GroundOptions {
  readonly graph: 'neo4j' | 'sqlite';
  readonly brokers: 1 | 3;
}

/** The database of a run and the door through which workers reach it. */
export interface Database {
  readonly server: Neo4jServer;
  readonly door: TcpProxy;
}

/** The servers that runs break. */
export interface Ground extends AsyncDisposable {
  readonly options: GroundOptions;
  readonly kafka: KafkaServers;
  readonly database: Database | undefined;
  readonly folder: string;
  readonly imageRoot: string;
  /** An empty graph: as workers reach it, and as it stands behind the door. */
  emptyGraph(run: string): Promise<{ readonly forWorkers: GraphPlace; readonly behind: GraphPlace }>;
}

/** Brings back what a fault that went wrong has left broken. */
export async function heal({ kafka, database }: Ground): Promise<void> {
  database?.door.accept();
  database?.door.resume();
  const dead = kafka.nodes.filter(({ pid }) => pid === undefined);
  await Promise.all(dead.map(({ id }) => kafka.restart(id)));
  if (database && database.server.pid === undefined) await database.server.restart();
}

/** Members that are silent for a second are declared dead, where a test asks for it; by default the broker refuses that. */
const KAFKA = { 'group.min.session.timeout.ms': 1_000 };

/** Starts a Kafka and, where asked for, a Neo4j behind a door. */
export async function startGround(options: GroundOptions): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'grapevine-faults-'));
  const started: (() => PromiseLike<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => void (await Promise.all(started.splice(0).map((end) => end())));
  try {
    const [kafka, server] = await Promise.all([
      startKafka({ brokers: options.brokers, config: KAFKA }),
      options.graph === 'neo4j' ? startNeo4j() : undefined,
    ]);
    started.push(() => kafka.stop());
    if (server) started.push(() => server.stop());
    const door = server && (await startTcpProxy(server.port));
    if (door) started.push(() => door[Symbol.asyncDispose]());
    for (const name of PICTURES.slice(0, -1)) await writeFile(join(folder, name), name);
    return {
      options,
      kafka,
      folder,
      imageRoot: folder,
      database: server && door && { server, door },
      emptyGraph: (run) => (server && door ? emptyNeo4j(server, door) : newSqlite(folder, run)),
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function emptyNeo4j(server: Neo4jServer, door: TcpProxy) {
  await askNeo4j(server, 'MATCH (n) DETACH DELETE n');
  const { username, password } = server;
  const at = (port: number): GraphPlace => ({ kind: 'neo4j', url: `bolt://127.0.0.1:${port}`, username, password });
  return { forWorkers: at(door.port), behind: at(server.port) };
}

async function newSqlite(folder: string, run: string) {
  const place: GraphPlace = { kind: 'sqlite', path: join(folder, `${run}.db`) };
  return { forWorkers: place, behind: place };
}
