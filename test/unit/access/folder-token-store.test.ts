import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FolderTokenStore } from '../../../src/access/folder/folder-token-store.ts';
import { temporaryFolder } from '../../helpers/folder.ts';

async function openStore() {
  const folder = join(await temporaryFolder(), 'made', 'here');
  return { folder, store: new FolderTokenStore(folder), other: new FolderTokenStore(folder) };
}

test('finds a token by its text, with the scopes its own imply', async () => {
  const { store, other } = await openStore();
  const { token, text } = await store.create({ name: 'bot', scopes: ['write'] });
  expect(token).toMatchObject({ name: 'bot', scopes: ['read', 'write'], ending: text.slice(-4) });
  expect(await other.find(text)).toEqual(token);
});

test('keeps no token, and lets nobody else read or write the folder', async () => {
  const { folder, store } = await openStore();
  const { token, text } = await store.create({ name: 'bot', scopes: ['read'] });
  const files = await readdir(folder);
  expect(files).toEqual([`${token.id}.json`]);
  const path = join(folder, `${token.id}.json`);
  const kept = await readFile(path, 'utf8');
  expect(kept).not.toContain(text.slice(`gv_${token.id}_`.length));
  expect([(await stat(path)).mode & 0o777, (await stat(folder)).mode & 0o777]).toEqual([0o600, 0o700]);
});

test('knows nothing of a text that differs anywhere', async () => {
  const { store } = await openStore();
  const { token, text } = await store.create({ name: 'bot', scopes: ['admin'] });
  const { text: another } = await store.create({ name: 'another', scopes: ['admin'] });
  const secretOf = (of: string) => of.slice(of.indexOf('_', 3));
  const turned = text.at(-1) === 'A' ? 'B' : 'A';
  for (const wrong of [
    '',
    token.id,
    `gv_${token.id}`,
    `${text.slice(0, -1)}${turned}`,
    `${text}A`,
    ` ${text}`,
    `gv_${token.id}${secretOf(another)}`,
    `gv_../../../etc/pw_${'A'.repeat(43)}`,
    `gv_000000000000_${'A'.repeat(43)}`,
  ]) {
    expect(await store.find(wrong), wrong).toBeUndefined();
  }
});

test('what one process revokes ends for the other at once', async () => {
  const { store, other } = await openStore();
  const { token, text } = await store.create({ name: 'bot', scopes: ['read'] });
  expect(await other.find(text)).toBeDefined();
  const revoked = await store.revoke(token.id);
  expect(revoked?.revokedAt).toBeDefined();
  expect(await other.find(text)).toBeUndefined();
  expect(await other.revoke(token.id)).toEqual(revoked);
  expect(await other.list()).toEqual([revoked]);
});

test('revokes nothing under an id that is none', async () => {
  const { store } = await openStore();
  for (const id of ['', '000000000000', '../x', '0'.repeat(13)]) expect(await store.revoke(id)).toBeUndefined();
});

test('an expired token finds nobody', async () => {
  const { store } = await openStore();
  const past = await store.create({ name: 'old', scopes: ['read'], expiresAt: '2020-01-01T00:00:00.000Z' });
  const future = await store.create({ name: 'new', scopes: ['read'], expiresAt: '2999-01-01T00:00:00.000Z' });
  expect(await store.find(past.text)).toBeUndefined();
  expect(await store.find(future.text)).toEqual(future.token);
});

test('many made at once are all there', async () => {
  const { store, other } = await openStore();
  const made = await Promise.all(
    Array.from({ length: 20 }, (_, i) => (i % 2 ? store : other).create({ name: `bot ${i}`, scopes: ['read'] })),
  );
  expect((await store.list()).map(({ id }) => id).toSorted()).toEqual(made.map(({ token }) => token.id).toSorted());
});

test('a folder that is not there holds no tokens', async () => {
  const { store } = await openStore();
  expect(await store.list()).toEqual([]);
});

test('a file that somebody spoilt lets nobody in and is named', async () => {
  const { folder, store } = await openStore();
  const { token, text } = await store.create({ name: 'bot', scopes: ['read'] });
  const path = join(folder, `${token.id}.json`);
  const good = await readFile(path, 'utf8');
  for (const spoilt of ['', '{', '[]', good.replace('"read"', '"all"'), good.replace(token.id, '000000000000')]) {
    await writeFile(path, spoilt);
    await expect(store.find(text), spoilt).rejects.toMatchObject({
      code: 'TOKENS_UNREADABLE',
      message: expect.stringContaining(path),
    });
  }
});
