import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import neo4j from 'neo4j-driver';
import { expect, onTestFinished, test } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { takeTurn } from '../helpers/graph-servers.ts';

const POSTS = fileURLToPath(new URL('../../examples/demo/posts.jsonl', import.meta.url));
const { GRAPH_URL: url = '', NEO4J_USERNAME: username = '', NEO4J_PASSWORD: password = '' } = process.env;

test.skipIf(!/^(neo4j|bolt)/.test(url))(
  'the same posts give the same digest on Neo4j as on SQLite, and again when replayed',
  async () => {
    const release = await takeTurn({ url, username, password });
    onTestFinished(release);
    const driver = neo4j.driver(url, neo4j.auth.basic(username, password));
    await driver.executeQuery('MATCH (n) DETACH DELETE n');
    await driver.close();
    const onNeo4j = { GRAPH_URL: url, NEO4J_USERNAME: username, NEO4J_PASSWORD: password };
    const onSqlite = { GRAPH_URL: `sqlite:${join(await temporaryFolder(), 'x.db')}` };
    const digest = async (env: Record<string, string>) => (await runCli(['graph', 'digest'], { env })).stdout.trim();
    const ingest = async (env: Record<string, string>) => {
      const { stdout, stderr } = await runCli(['ingest', POSTS, '--json'], { env });
      if (stdout === '') throw new Error(stderr);
      const { posts, stored, entities, facts } = JSON.parse(stdout) as Record<string, number>;
      return { posts, stored, entities, facts };
    };
    expect(await ingest(onNeo4j)).toEqual(await ingest(onSqlite));
    const expected = await digest(onSqlite);
    expect(await digest(onNeo4j)).toBe(expected);
    await ingest({ ...onNeo4j, UPSERT_BATCH: '3' });
    expect(await digest(onNeo4j)).toBe(expected);
  },
);
