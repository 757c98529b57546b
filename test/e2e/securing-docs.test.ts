import { expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/folder.ts';
import { bash, scriptsOf } from '../helpers/shell.ts';

test('the commands of the page of securing the API do what they say', async () => {
  const scripts = scriptsOf('docs/securing.md');
  const { code, stdout, stderr } = await bash(scripts.join('\n'), await temporaryFolder());
  expect(`${code} ${stderr}`).toMatch(/^0 /);
  expect(stdout).toMatch(/dashboard: read; ends in/);
  expect(stdout).toContain('{"data":{"stats":{"posts":0}}}');
  expect(stdout).toMatch(/, revoked \S+\n401\n/);
  expect(stdout).toContain('{"data":{"stats":{"posts":0,"facts":0}}}');
  expect(stdout).toMatch(/"code":"OPERATION_NOT_PERSISTED"\}\}\]\}$/);
});
