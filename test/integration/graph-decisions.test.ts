import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqliteGraph } from '../../src/graph/sqlite/sqlite-graph.ts';
import { runCli } from '../helpers/cli.ts';
import { extractionOf, MEMBER_OF, memberPost } from '../helpers/graph-extractions.ts';

describe('deciding from the command line', () => {
  let folder: string;
  let graph: string[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'grapevine-decisions-'));
    graph = ['--graph', `sqlite:${join(folder, 'graph.db')}`];
    const { store, reader } = await sqliteGraph({ path: join(folder, 'graph.db') });
    const jordans = ['4', '5', '6'].map((id) => extractionOf({ id, mentions: [['Jordan', 'PER']] }));
    await store.replacePosts([
      memberPost({ id: '1' }),
      memberPost({ id: '2', person: 'A. Lind' }),
      memberPost({ id: '3', person: 'Bo' }),
      ...jordans,
      extractionOf({ id: '7', mentions: [['Jordan', 'LOC']] }),
    ]);
    await Promise.all([store[Symbol.asyncDispose](), reader[Symbol.asyncDispose]()]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const run = (...args: readonly string[]) => runCli(['graph', ...args, ...graph]);
  const json = async (...args: readonly string[]) =>
    (await run(...args, '--json')).stdout
      .trimEnd()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));

  test('merge, split, undo and the list of them', async () => {
    const merged = await run('merge', 'a lind', 'Ada Lind', '--because', 'one person');
    expect(merged.code, merged.stderr).toBe(0);
    const id = merged.stdout.trim();
    expect(merged.stderr).toContain(`grapevine graph undo ${id}`);
    expect((await run('merge', 'A. Lind', 'Bo')).stderr).toContain('it is part of ada lind (PER');
    expect((await run('split', 'Bo')).stderr).toContain('it is not part of another entity');

    const [split] = await json('split', 'A. Lind');
    expect(split).toMatchObject({ kind: 'split', entity: { normName: 'a lind' }, posts: 1 });
    expect((await run('undo', split.id)).code).toBe(0);
    const { stdout } = await run('decisions', 'Ada Lind');
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain(`${id}  merge a lind (PER) into ada lind (PER): one person`);
    expect(lines[1]).toMatch(/^\[.*split a lind \(PER\) off\]$/);
    expect((await json('decisions')).map(({ kind, isInForce }) => [kind, isInForce])).toEqual([
      ['merge', true],
      ['split', false],
      ['undo', true],
    ]);
    expect((await run('undo', 'dec_none')).stderr).toContain('dec_none is no decision');
  });

  test('reject by names or by id', async () => {
    const [rejected] = await json('reject', 'Bo', MEMBER_OF, 'Harbour Robotics', '--because', 'a joke');
    expect(rejected).toMatchObject({ kind: 'reject', type: MEMBER_OF, reason: 'a joke' });
    expect((await run('reject', 'Bo', MEMBER_OF, 'Harbour Robotics')).stderr).toContain('no such fact fact_');
    expect((await run('reject', 'Bo')).stderr).toContain('give its id, or head, relation and tail');
    expect((await run('decisions', 'Bo')).stdout).toContain(`reject Bo ${MEMBER_OF} Harbour Robotics: a joke`);
    expect((await run('undo', rejected.id)).code).toBe(0);
  });

  test('suggestions are printed with reasons, merged above a score, and never again once taken back', async () => {
    const [printed] = await json('suggestions', 'Jordan', '--type', 'PER');
    expect(printed).toMatchObject({ from: { type: 'LOC' }, into: { type: 'PER' }, score: 0.75 });
    expect((await run('suggestions', 'Jordan')).stderr).toContain('there are several, jordan (PER, ent_');
    expect((await run('suggestions', '--min-score', '0.8')).stdout).toBe('');
    expect((await run('suggestions', '--reason', 'acronym')).stdout).toBe('');
    expect((await run('suggestions', '--accept-above', '1.5')).code).toBe(2);

    const [merged] = await json('suggestions', '--reason', 'other_type', '--accept-above', '0.7');
    expect(merged).toMatchObject({ outcome: 'merged', decision: expect.stringMatching(/^auto_/) });
    expect((await run('suggestions')).stdout).toBe('');
    await run('undo', merged.decision);
    const [again] = await json('suggestions', '--accept-above', '0.7');
    expect(again).toMatchObject({ outcome: 'taken_back' });
    const [per] = await json('suggestions', 'Jordan', '--type', 'PER');
    expect((await run('apart', per.from.id, per.into.id)).code).toBe(0);
    expect((await run('suggestions')).stdout).toBe('');
  });

  test('a file of aliases, told to people and as JSON', async () => {
    const file = join(folder, 'names.csv');
    await writeFile(
      file,
      'alias,canonical,type,external_id\nHR,Harbour Robotics,ORG,wikidata:Q1\nJohn,John Doe,PERSON,\n',
    );
    const dry = await run('aliases', file, '--dry-run');
    expect([dry.code, dry.stderr]).toEqual([0, expect.stringContaining('3 decisions would be taken')]);
    expect(dry.stderr).toContain('no entity has the type PERSON yet; those of the graph are LOC, ORG, PER');
    expect(await json('aliases', file)).toEqual([
      { dryRun: false, rows: 2, decided: 3, removed: 0, posts: 0, known: 0, refused: [], overruled: [] },
    ]);
    const hr = (await json('decisions', 'HR')).find(({ kind }) => kind === 'merge');
    await run('undo', hr.id);
    const again = await run('aliases', file, '--remove-missing');
    expect([again.code, again.stdout]).toEqual([
      0,
      expect.stringMatching(/^line 2: left as it is, dec_\S+ took it back\n$/),
    ]);
    expect(again.stderr).toContain('1 rows known, 1 left to people');

    await writeFile(file, 'alias,canonical\n');
    const bad = await run('aliases', file);
    expect([bad.code, bad.stderr]).toEqual([1, expect.stringContaining('there is no column type')]);
    expect((await run('aliases', join(folder, 'none.csv'))).stderr).toContain('reading the aliases');
  });
});
