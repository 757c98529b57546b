import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../../', import.meta.url);
const pages = [
  'README.md',
  'deploy/README.md',
  'docs/backup.md',
  'docs/bundle-format.md',
  'docs/alerts.md',
  'docs/devices.md',
  'docs/graphql.md',
  'docs/native-format.md',
  'docs/performance.md',
  'docs/invariants.md',
  'docs/regions.md',
  'docs/reliability.md',
  'docs/securing.md',
  'docs/your-checkpoint.md',
  'examples/demo/README.md',
  'models/default/MODEL_CARD.md',
  'training/README.md',
];

test.each(pages)('links of %s lead to files that are there', (page) => {
  const text = readFileSync(new URL(page, root), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map((match) => match[1] as string);
  for (const link of links) expect(existsSync(new URL(link, new URL(page, root))), `${page}: ${link}`).toBe(true);
});
