import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/folder.ts';
import { bash, scriptsOf } from '../helpers/shell.ts';

test('the walk-through of alerts ends with one signed webhook and its evidence', async () => {
  const folder = await temporaryFolder();
  await symlink(fileURLToPath(new URL('../../examples', import.meta.url)), join(folder, 'examples'));
  const { code, stdout, stderr } = await bash(scriptsOf('docs/alerts.md').join('\n'), folder);
  expect(code, stderr).toBe(0);
  const alerts = await readFile(join(folder, 'alerts.log'), 'utf8');
  expect(alerts.match(/^\S+ A link between two we watch: .*$/gm)).toEqual([
    expect.stringMatching(/^alert\.fired .*(Daniel Okafor.*Mara Lindqvist|Mara Lindqvist.*Daniel Okafor)/),
  ]);
  expect(alerts).toContain(': Mara Lindqvist and Daniel Okafor talk robots all night');
  expect(stdout).toMatch(/desk.*delivered|delivered.*desk/);
  expect(stderr).not.toContain('refused');
});
