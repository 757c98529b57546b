import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SourceState } from '../../../../src/consumers/sources/source-state.ts';
import { temporaryFolder } from '../../../helpers/folder.ts';

const open = (folder: string, maxOwners = 3) => SourceState.open({ folder, name: 'x', maxOwners });

test('keeps cursor and owners from run to run, in files replaced as a whole', async () => {
  const folder = join(await temporaryFolder(), 'made', 'when missing');
  const first = await open(folder);
  expect(first.position).toBeUndefined();
  first.owners.remember('1', { author: 'a', post: '0' });
  await first.saveOwners();
  for (const cursor of ['5', '6']) await first.savePosition({ endpoint: 'wss://e', cursor });
  expect((await readdir(folder)).toSorted()).toEqual(['x.cursor.json', 'x.owners.json']);
  const second = await open(folder);
  expect(second.position).toMatchObject({ endpoint: 'wss://e', cursor: '6' });
  expect(second.owners.find('1')).toEqual({ author: 'a', post: '0' });
});

test('remembers a bounded number of owners, those last seen', async () => {
  const folder = await temporaryFolder();
  const state = await open(folder);
  for (const id of ['1', '2', '3']) state.owners.remember(id, { author: `a${id}` });
  state.owners.find('1');
  state.owners.remember('4', { author: 'a4' });
  await state.saveOwners();
  const again = await open(folder, 2);
  expect(['1', '2', '3', '4'].map((id) => again.owners.find(id)?.author)).toEqual(['a1', undefined, undefined, 'a4']);
});

test('a file that is not what was written is named, not guessed at', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'x.cursor.json'), '{"cursor": 5');
  await expect(open(folder)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(/x\.cursor\.json: .*delete it to begin at what is new/),
  });
});

test('a folder that is a file is named', async () => {
  const file = join(await temporaryFolder(), 'file');
  await writeFile(file, '');
  await expect(open(file)).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(file) });
});
