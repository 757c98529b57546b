// npm run prove -- --posts FILE [--count 2000] [--kills 5] [--graph sqlite|neo4j]: sends posts through a real Kafka while
// the consumer is killed again and again, and compares the graph with that of an embedded run. Exits 1 when they differ.

import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { runCli } from '../test/helpers/cli.ts';
import { surviveKills } from '../test/oracle/survive-kills.ts';
import { startKafka } from './servers/kafka.mjs';
import { startNeo4j } from './servers/neo4j.mjs';

const { values } = parseArgs({
  options: {
    posts: { type: 'string', default: 'examples/demo/posts.jsonl' },
    count: { type: 'string', default: '2000' },
    kills: { type: 'string', default: '5' },
    graph: { type: 'string', default: 'neo4j' },
  },
});
const say = (line: string) => process.stderr.write(`${line}\n`);
const file = resolve(values.posts);
const imageRoot = dirname(file);
const folder = await mkdtemp(join(tmpdir(), 'grapevine-prove-'));
const lines = await firstLines(file, Number(values.count));
say(`${lines.length} posts, ${values.kills} kills`);
const embedded = { GRAPH_URL: `sqlite:${join(folder, 'embedded.db')}` };
const ingested = await runCli(['ingest', '-', '--image-root', imageRoot, '--json'], {
  env: embedded,
  input: lines.join('\n'),
});
if (ingested.code !== 0) throw new Error(ingested.stderr);
const expected = (await runCli(['graph', 'digest'], { env: embedded })).stdout.trim();
say(`embedded: ${expected}`);

const kafka = await startKafka();
const neo4j = values.graph === 'neo4j' ? await startNeo4j() : undefined;
try {
  const graph: Record<string, string> = neo4j
    ? { GRAPH_URL: neo4j.url, NEO4J_USERNAME: neo4j.username, NEO4J_PASSWORD: neo4j.password }
    : { GRAPH_URL: `sqlite:${join(folder, 'streamed.db')}` };
  const report = await surviveKills({
    brokers: kafka.brokers,
    graph,
    lines,
    imageRoot,
    kills: Number(values.kills),
    log: say,
  });
  const equal = report.digest === expected;
  process.stdout.write(`${JSON.stringify({ equal, posts: lines.length, expected, ...report }, null, 2)}\n`);
  process.exitCode = equal ? 0 : 1;
} finally {
  await Promise.all([kafka.stop(), neo4j?.stop()]);
  await rm(folder, { recursive: true, force: true });
}

async function firstLines(path: string, count: number): Promise<string[]> {
  const found: string[] = [];
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (found.length === count) break;
    if (line.trim() !== '') found.push(line);
  }
  return found;
}
