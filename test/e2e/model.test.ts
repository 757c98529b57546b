import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { BUNDLE, bundleWithout } from '../helpers/model-bundle.ts';

const VALID = 'IMGID:1\nMaya\tB-PER\nOkoro\tI-PER\nvisits\tO\nLisbon\tB-LOC\n\nIMGID:2\nhello\tO';
const ROWS = [
  "{'token': ['Maya', 'Okoro', 'lives', 'in', 'Lisbon'], 'h': {'name': 'Maya Okoro', 'pos': [0, 2]}, 't': {'name': 'Lisbon', 'pos': [4, 5]}, 'img_id': '1.jpg', 'relation': '/per/loc/place_of_residence'}",
  "{'token': ['Lisbon', 'or', 'Porto'], 'h': {'name': 'Porto', 'pos': [2, 3]}, 't': {'name': 'Lisbon', 'pos': [0, 1]}, 'img_id': '2.jpg', 'relation': 'None'}",
];

/** A file of the test with this content. */
async function fileOf(content: string): Promise<string> {
  const file = join(await temporaryFolder(), 'data.txt');
  await writeFile(file, content);
  return file;
}

describe('grapevine model', () => {
  test('inspect says what a bundle is, and gives the whole manifest as JSON', async () => {
    const { code, stdout } = await runCli(['model', 'inspect', BUNDLE]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/precision {2}int8[\s\S]*entities {3}MISC, PER, ORG, LOC\n {2}relations {2}22 types/);
    const json = await runCli(['model', 'inspect', BUNDLE, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject(JSON.parse(await readFile(join(BUNDLE, 'manifest.json'), 'utf8')));
  });

  test('check runs the examples of a bundle', async () => {
    const { code, stdout } = await runCli(['model', 'check', BUNDLE, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      precision: 'int8',
      device: 'cpu',
      golden: { cases: 3 },
      problems: [],
    });
  });

  test('check fails where the bundle computes something else, and says what', async () => {
    const dir = bundleWithout('manifest.json');
    const manifest = JSON.parse(await readFile(join(BUNDLE, 'manifest.json'), 'utf8'));
    // Another field of the CRF: the graphs are whole, the paths are not.
    manifest.ner.crf.start = manifest.ner.crf.start.map((_: number, i: number) => (i === 4 ? 1000 : 0));
    await writeFile(join(dir, 'manifest.json'), JSON.stringify(manifest));
    const { code, stdout, stderr } = await runCli(['model', 'check', dir]);
    expect(code).toBe(1);
    expect(stderr).toContain('another path');
    expect(stdout).toContain('does not compute here what it should');
  });

  test('check names a file that is not the one described', async () => {
    const dir = bundleWithout('golden.json');
    await writeFile(join(dir, 'golden.json'), '{}');
    const { code, stderr } = await runCli(['model', 'check', dir]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/golden\.json: the manifest says \d+ bytes/);
  });

  test('evaluate scores entities', async () => {
    const { code, stdout } = await runCli([
      'model',
      'evaluate',
      BUNDLE,
      '--task',
      'ner',
      '--data',
      await fileOf(VALID),
      '--json',
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      task: 'ner',
      n: 2,
      micro: { p: 100, r: 100, f1: 100 },
      perType: { LOC: { p: 100, r: 100, f1: 100 }, PER: { p: 100, r: 100, f1: 100 } },
    });
  });

  test('evaluate scores relations in both orders, with pictures where there are some', async () => {
    const folder = await temporaryFolder();
    await symlink(join(BUNDLE, 'golden.png'), join(folder, '1.jpg'));
    await rm(join(folder, '1.jpg'));
    await writeFile(join(folder, '1.jpg'), await readFile(join(BUNDLE, 'golden.png')));
    const data = await fileOf(ROWS.join('\n'));
    const { code, stdout } = await runCli([
      'model',
      'evaluate',
      BUNDLE,
      '--task',
      're',
      '--data',
      data,
      '--image-root',
      folder,
      '--json',
    ]);
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      task: 're',
      n: 2,
      orders: { given: {}, serving: {} },
      endToEnd: { n: 2 },
      pictures: { ok: 1, missing: 1 },
    });
    expect(result.micro).toEqual(result.orders.serving);
    const text = await runCli(['model', 'evaluate', BUNDLE, '--task', 're', '--data', data]);
    expect(text.stdout).toMatch(/^2 pairs\n.* F1\n[\s\S]*^all +\d/mu);
  });

  test('evaluate says what is wrong with its data', async () => {
    const empty = await runCli(['model', 'evaluate', BUNDLE, '--task', 'ner', '--data', await fileOf('no tabs here')]);
    expect([empty.code, empty.stderr]).toEqual([1, expect.stringContaining('there is no post in it')]);
    const broken = await runCli(['model', 'evaluate', BUNDLE, '--task', 're', '--data', await fileOf("{'token'")]);
    expect([broken.code, broken.stderr]).toEqual([1, expect.stringContaining('line 1')]);
    const none = await runCli(['model', 'evaluate', BUNDLE, '--task', 'ner', '--data', '/no/such/file']);
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('/no/such/file')]);
    const task = await runCli(['model', 'evaluate', BUNDLE, '--data', 'x']);
    expect([task.code, task.stderr]).toEqual([2, expect.stringContaining('--task')]);
  });

  test('bench measures', async () => {
    const { code, stdout } = await runCli(['model', 'bench', BUNDLE, '--seconds', '0.5', '--json']);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    for (const key of ['postsPerSecond', 'textPostsPerSecond', 'cachedPostsPerSecond'])
      expect(report[key]).toBeGreaterThan(0);
    expect((await runCli(['model', 'bench', BUNDLE, '--seconds', '0'])).code).toBe(2);
  });
});

describe('grapevine extract', () => {
  test('takes words, regions and pairs, and prints scores', async () => {
    const record = {
      id: '1',
      platform: 'x',
      author: { id: 'a' },
      words: ['Maya', 'Okoro', 'lives', 'in', 'Lisbon'],
      lang: 'pt',
      images: ['golden.png'],
      regions: [[0, 0, 100, 100]],
      pairs: [{ head: [0, 2], tail: [4, 5] }],
    };
    const bad = { ...record, id: '2', pairs: [{ head: [0, 2], tail: [4, 9] }] };
    const input = [record, bad].map((line) => JSON.stringify(line)).join('\n');
    const { code, stdout, stderr } = await runCli(['extract', '-', '--scores', '--image-root', BUNDLE], { input });
    expect(code).toBe(0);
    expect(stderr).toMatch(/field pairs\.0\.tail: ends behind the last of 5 words/);
    const extraction = JSON.parse(stdout);
    expect(extraction.post).toMatchObject({ id: '1', text: 'Maya Okoro lives in Lisbon' });
    expect(extraction.images).toMatchObject([{ outcome: 'ok' }]);
    // The language gate does not apply to what is given.
    expect(extraction.skipped).toBeUndefined();
    expect(extraction.scores).toMatchObject({ pieces: 8, first: [1, 2, 4, 5, 6] });
    expect(extraction.scores.relations).toHaveLength(1);
    const plain = await runCli(['extract', '-', '--image-root', BUNDLE], { input: JSON.stringify(record) });
    expect(JSON.parse(plain.stdout).scores).toBeUndefined();
  });
});
