import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const page = readFileSync(new URL('../../../docs/invariants.md', import.meta.url), 'utf8');
const claims = [...page.matchAll(/`((?:test|training)\/[^`]+)`: ([^<|]+?)(?=<br>| \|)/g)].map((match) => [
  match[1] as string,
  match[2] as string,
]);

test('every invariant has its tests', () => {
  const rows = page.split('\n').filter((line) => /^\| \d/.test(line));
  expect(rows).toHaveLength(9);
  for (const row of rows) expect(row).toContain('`test/');
  expect(claims.length).toBeGreaterThan(12);
});

test.each(claims)('%s has the test "%s"', (file, title) => {
  expect(readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')).toContain(title);
});
