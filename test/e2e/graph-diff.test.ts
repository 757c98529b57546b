import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { postNodeId } from '../../src/domain/ids.ts';
import { diffGraphs } from '../../src/graph/diff.ts';
import { runCli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/folder.ts';

const post = (id: string, fields: object = {}) =>
  JSON.stringify({
    id,
    platform: 'x',
    text: `Mara Lindqvist joins Harbour Robotics in Rotterdam, says ${id}`,
    author: { id: 'a1' },
    createdAt: '2026-05-15T09:00:00Z',
    ...fields,
  });

test('graph diff names what one graph has and the other has not, and says so with its exit code', async () => {
  const folder = await temporaryFolder();
  const graph = (name: string) => `sqlite:${join(folder, name)}.db`;
  const fill = async (name: string, lines: readonly string[]) => {
    await writeFile(join(folder, 'posts.jsonl'), `${lines.join('\n')}\n`);
    const { code } = await runCli(['ingest', join(folder, 'posts.jsonl'), '--graph', graph(name)]);
    expect(code).toBe(0);
  };
  await fill('one', [post('a'), post('b'), post('ü')]);
  await fill('same', [post('ü'), post('b'), post('a')]);
  await fill('other', [post('a'), post('b', { version: '2' }), post('z'), post('ü', { deleted: true })]);
  const same = await runCli(['graph', 'diff', graph('one'), graph('same')]);
  expect(same).toMatchObject({ code: 0, stdout: '', stderr: 'the graphs are equal\n' });

  const { code, stdout } = await runCli(['graph', 'diff', graph('one'), graph('other'), '--json']);
  expect(code).toBe(1);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { side: string; kind: string; id: string; post: string; version: string });
  const [b, z, u] = ['b', 'z', 'ü'].map((id) => postNodeId('x', id)) as [string, string, string];
  const posts = lines.filter(({ kind }) => kind === 'post').map(({ side, id, version }) => [id, side, version]);
  const expected = [
    [b, 'left', '0'],
    [b, 'right', '2'],
    [z, 'right', '0'],
    [u, 'left', '0'],
    [u, 'right', null],
  ];
  expect(posts).toEqual(expected.toSorted(([one], [other]) => String(one).localeCompare(String(other), 'en')));
  expect(lines.filter(({ kind }) => kind === 'tombstone')).toEqual([
    { side: 'right', kind: 'tombstone', post: u, version: null },
  ]);
  const short = await runCli(['graph', 'diff', graph('one'), graph('other'), '--limit', '2']);
  expect(short.stdout.trim().split('\n')).toHaveLength(2);
  expect(short.stderr).toMatch(/and \d+ more/);

  expect((await runCli(['graph', 'diff', graph('one'), graph('none')])).code).toBe(1);
  expect((await runCli(['graph', 'diff', graph('one')])).code).toBe(2);
});

test('any two graphs differ by just what is not in both', async () => {
  const linesOf = (ids: readonly string[]) => ({
    async *digestLines() {
      for (const id of ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
        yield JSON.stringify({ line: 'post', id });
      }
    },
  });
  const [one, other] = [
    ['a', 'b', 'ß', '\u{10000}', '\uffff'],
    ['b', 'c', '\u{10000}', 'd'],
  ];
  const found: string[] = [];
  for await (const { side, line } of diffGraphs(linesOf(one as string[]), linesOf(other as string[]))) {
    found.push(`${side} ${(JSON.parse(line) as { id: string }).id}`);
  }
  expect(found).toEqual(['left a', 'right c', 'right d', 'left ß', 'left \uffff']);
});
