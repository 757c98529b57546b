import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { available, ensureJars, javaCommand } from '../../scripts/servers/jars.mjs';
import { sqliteGraph } from '../../src/graph/sqlite/sqlite-graph.ts';
import { runCli } from '../helpers/cli.ts';
import { deletionOf, extractionOf, MEMBER_OF } from '../helpers/graph-extractions.ts';

const run = promisify(execFile);
const HOSTILE = 'Ada "Ad,a"\r\n</data> & <b>\u0007\u{1f600}';

/** Prints id, attributes and ends of everything in a GraphML file, with a parser that insists on well-formed XML. */
const READ_GRAPHML = `
import json, sys, xml.etree.ElementTree as tree
space = '{http://graphml.graphdrawing.org/xmlns}'
root = tree.parse(sys.argv[1]).getroot()
keys = {key.get('id'): key.get('attr.name') for key in root.iter(space + 'key')}
def data(item): return {keys[d.get('key')]: d.text for d in item.iter(space + 'data')}
print(json.dumps({'nodes': {n.get('id'): data(n) for n in root.iter(space + 'node')},
  'edges': [[e.get('source'), e.get('target'), data(e)] for e in root.iter(space + 'edge')]}))
`;

describe('grapevine graph export', () => {
  let folder: string;
  let graph: string;
  let ada: string;
  let club: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'grapevine-export-'));
    graph = `sqlite:${join(folder, 'graph.db')}`;
    const { store, reader } = await sqliteGraph({ path: join(folder, 'graph.db') });
    const mentions = [
      [HOSTILE, 'PER'],
      ['Club', 'ORG'],
    ] as const;
    await store.replacePosts([
      extractionOf({ id: '1', mentions, relations: [[MEMBER_OF, 0, 1]] }),
      extractionOf({ id: '2', author: 'b', mentions, relations: [[MEMBER_OF, 0, 1]] }),
      extractionOf({ id: '3', mentions: [['Gone', 'PER']] }),
      deletionOf('3'),
    ]);
    ada = (await reader.entityByName(HOSTILE))?.id ?? '';
    club = (await reader.entityByName('Club'))?.id ?? '';
    await store[Symbol.asyncDispose]();
    await reader[Symbol.asyncDispose]();
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('GraphML holds every entity and fact, whatever their names hold', async () => {
    const out = join(folder, 'graph.graphml');
    const { code, stderr } = await runCli(['graph', 'export', '--format', 'graphml', '--out', out, '--graph', graph]);
    expect([code, stderr]).toEqual([0, `2 entities and 1 facts are in ${out}\n`]);
    const { stdout } = await run('python3', ['-c', READ_GRAPHML, out]);
    const { nodes, edges } = JSON.parse(stdout) as { nodes: Record<string, object>; edges: readonly unknown[] };
    // XML has one kind of line end and no bell.
    const label = HOSTILE.replace('\r\n', '\n').replace('\u0007', '\ufffd');
    expect(nodes[ada]).toMatchObject({ label, type: 'PER', mentionCount: '2' });
    expect(Object.keys(nodes).toSorted()).toEqual([ada, club].toSorted());
    expect(edges).toEqual([[ada, club, expect.objectContaining({ type: MEMBER_OF, evidenceCount: '2' })]]);
  });

  test.skipIf(!available().ok)('CSV is what neo4j-admin imports', async () => {
    const out = join(folder, 'csv');
    const { code, stderr } = await runCli(['graph', 'export', '--format', 'csv', '--out', out, '--graph', graph]);
    expect(code).toBe(0);
    const told = stderr.split('\n')[0]?.split(' ') ?? [];
    expect(told[0]).toBe('neo4j-admin');
    expect(await readdir(out)).toHaveLength(6);
    expect(await readFile(join(out, 'entities.csv'), 'utf8')).toContain('Ada ""Ad,a""');
    const home = join(folder, 'neo4j');
    await mkdir(join(home, 'conf'), { recursive: true });
    const jars = join(await ensureJars('neo4j'), '*');
    const env = { ...process.env, NEO4J_HOME: home, NEO4J_CONF: join(home, 'conf') };
    const { stdout } = await run(javaCommand(), ['-cp', jars, 'org.neo4j.cli.AdminTool', ...told.slice(1)], { env });
    expect(stdout).toMatch(/IMPORT DONE/);
    // Two entities, two posts and a fact; an edge, four mentions and two pieces of evidence.
    expect(stdout).toMatch(/5 nodes\s+7 relationships/);
  });

  test('says what is wrong with where it should write', async () => {
    const format = ['--format', 'graphml', '--graph', graph];
    const { code, stderr } = await runCli(['graph', 'export', ...format, '--out', join(folder, 'none', 'x')]);
    expect(code).toBe(2);
    expect(stderr).toContain('check --out');
    expect((await runCli(['graph', 'export', '--format', 'pdf', '--out', 'x'])).code).toBe(2);
  });
});
