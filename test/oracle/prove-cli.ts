import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { startKafka } from '../../scripts/servers/kafka.mjs';
import { startNeo4j } from '../../scripts/servers/neo4j.mjs';
import { runCli } from '../helpers/cli.ts';
import { type KillReport, surviveKills } from './survive-kills.ts';

/** How the shipped command line is put to the proof. */
export interface CliProof {
  readonly graph: 'neo4j' | 'sqlite';
  /** File of posts in the native format, with its pictures beside it; the first 2000 count. */
  readonly posts: string;
  readonly kills: number;
  readonly log: (line: string) => void;
}

/** What it amounts to. */
export interface CliProofReport extends KillReport {
  readonly faults: 'cli';
  readonly posts: number;
  /** True where the graph's digest is that of an embedded run. */
  readonly equalsEmbedded: boolean;
}

const MOST_POSTS = 2000;

/** Kills `grapevine consume` again and again, with the real model, and compares the graph with that of `grapevine ingest`. */
export async function proveCli({ graph: kind, posts, kills, log }: CliProof): Promise<CliProofReport> {
  const file = resolve(posts);
  const imageRoot = dirname(file);
  const folder = await mkdtemp(join(tmpdir(), 'grapevine-prove-'));
  const lines = await firstLines(file);
  log(`cli: ${lines.length} posts, ${kills} kills`);
  const kafka = await startKafka();
  const neo4j = kind === 'neo4j' ? await startNeo4j() : undefined;
  try {
    const embedded = { GRAPH_URL: `sqlite:${join(folder, 'embedded.db')}` };
    const input = lines.join('\n');
    const ingested = await runCli(['ingest', '-', '--image-root', imageRoot, '--json'], { env: embedded, input });
    if (ingested.code !== 0) throw new Error(ingested.stderr);
    const expected = (await runCli(['graph', 'digest'], { env: embedded })).stdout.trim();
    const graph: Record<string, string> = neo4j
      ? { GRAPH_URL: neo4j.url, NEO4J_USERNAME: neo4j.username, NEO4J_PASSWORD: neo4j.password }
      : { GRAPH_URL: `sqlite:${join(folder, 'streamed.db')}` };
    const report = await surviveKills({ brokers: kafka.brokers, graph, lines, imageRoot, kills, log });
    return { faults: 'cli', posts: lines.length, equalsEmbedded: report.digest === expected, ...report };
  } finally {
    await Promise.all([kafka.stop(), neo4j?.stop()]);
    await rm(folder, { recursive: true, force: true });
  }
}

async function firstLines(path: string): Promise<string[]> {
  const found: string[] = [];
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (found.length === MOST_POSTS) break;
    if (line.trim() !== '') found.push(line);
  }
  return found;
}
