import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/folder.ts';
import { bash, scriptsOf } from '../helpers/shell.ts';

test('the commands of the page of resolution do what they say', async () => {
  const folder = await temporaryFolder();
  await copyFile(new URL('../../examples/demo/posts.jsonl', import.meta.url), join(folder, 'posts.jsonl'));
  const { code, stdout, stderr } = await bash(scriptsOf('docs/resolution.md').join('\n'), folder);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('merge psa (ORG) into polaris space agency (ORG): says so itself');
  expect(stdout).toContain('apart tomas berg (PER) and ida berg (PER): not related');
  expect(stdout).toContain('reject Mara Lindqvist /per/org/member_of Harbour Robotics: left');
  expect(stderr).toContain('3 decisions would be taken');
  expect(stderr).toContain('3 decisions taken');
  // What was merged is suggested no more, what is left is.
  expect(stdout).not.toContain('PSA (ORG) is');
  expect(stdout).not.toContain('Polaris (ORG) is');
  expect(stdout).toContain('Helix Institute (LOC) is Helix Institute (ORG)');
  expect(stderr).toContain('suggestions, 0 merged');
});
