import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FAULTS } from '../../faults/faults/catalogue.ts';

const page = readFileSync(new URL('../../../docs/reliability.md', import.meta.url), 'utf8');

test('the page tells of every fault', () => {
  const [, table = ''] = page.split('## Faults');
  for (const { name } of FAULTS) expect(table.split('## The ledger')[0], name).toContain(`\`${name}\``);
});

test('the last run has every fault, and none of it was missing or double', () => {
  const rows =
    page
      .split('<!-- last run -->')[1]
      ?.split('\n')
      .filter((line) => /^\| [a-z]/.test(line)) ?? [];
  const cells = rows.slice(1).map((row) => row.split('|').map((cell) => cell.trim()));
  expect(cells.map((row) => row[1] ?? '').toSorted()).toEqual(
    [...FAULTS.map(({ name }) => name).toSorted(), 'all'].toSorted(),
  );
  for (const row of cells) expect([row[1], row[4], row[5]]).toEqual([row[1], '0', '0']);
});
