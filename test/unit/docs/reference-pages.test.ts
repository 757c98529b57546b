import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cliPage, configurationPage, metricsPage } from '../../../scripts/reference-pages.ts';

function committed(name: string): string {
  return readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
}

test('the reference pages are what the code says; `npm run docs` writes them again', async () => {
  expect(committed('configuration.md')).toBe(configurationPage());
  expect(committed('cli.md')).toBe(cliPage());
  expect(committed('metrics.md')).toBe(await metricsPage());
});
