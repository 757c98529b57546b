// npm run screenshots: the pictures of the page in docs/pictures, from the demo as it is now.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { GrapevineClient } from '../src/client/grapevine-client.ts';
import { openBrowser, requireBrowser } from '../test/helpers/browser.ts';
import { RunningCli } from '../test/helpers/cli.ts';
import { openPage, restingPlaceOf } from '../test/helpers/page.ts';

const FOLDER = fileURLToPath(new URL('../docs/pictures', import.meta.url));
const WHO = 'Mara Lindqvist';

const path = requireBrowser();
if (path === undefined) process.exit(1);
mkdirSync(FOLDER, { recursive: true });
await using demo = new RunningCli(['demo', '--fast', '--no-open', '--port', '0']);
const [url] = await demo.waitFor(/http:\/\/[^/\s]+/);
await demo.waitFor(/stays up/);
const browser = await openBrowser(path);
const id = await idOf(WHO);

await take('page-light', { colorScheme: 'light' });
await take('page-dark', { colorScheme: 'dark', hash: `#at=${id}` });
await take('page-evidence', { colorScheme: 'light', hash: `#at=${id}` }, async (page) => {
  await page
    .getByRole('button', { name: /Northlight Festival.*sources/ })
    .first()
    .click();
  await page.locator('.evidence img').first().waitFor();
});
await take('page-alert', { colorScheme: 'light', hash: `#at=${id}` }, async (page) => {
  await page.getByRole('complementary', { name: 'Details' }).getByRole('button', { name: 'Watch this' }).click();
  const dialog = page.getByRole('dialog', { name: 'Watch this' });
  await dialog.getByText(/alerts?, of/).waitFor();
  await dialog.getByRole('button', { name: 'Watch', exact: true }).click();
  await page.getByText(/watches from now on/).waitFor();
  await ask('mutation ($input: PostInput!) { submitPost(input: $input) { state userErrors { message } } }', {
    input: {
      text: `${WHO} joins Saltmarsh Rowing Club`,
      platform: 'x',
      author: { id: 'harbour-news', name: 'Harbour News' },
    },
  });
  await page.getByRole('button', { name: /^Alerts.*new/ }).click();
  await page.getByRole('article').filter({ hasText: 'Saltmarsh' }).waitFor();
  await page.getByRole('button', { name: 'Dismiss' }).click();
});
await take('page-phone', { colorScheme: 'dark', viewport: { width: 390, height: 844 } });
await browser.close();

async function ask<T>(query: string, variables: object): Promise<T> {
  return new GrapevineClient({ url }).query<T, object>(query, variables);
}

async function idOf(name: string): Promise<string> {
  type Answer = { readonly entity: { readonly id: string } };
  return (await ask<Answer>('query ($name: String) { entity(name: $name) { id } }', { name })).entity.id;
}

async function take(
  name: string,
  options: Parameters<typeof openPage>[2],
  prepare?: (page: Page) => Promise<void>,
): Promise<void> {
  const { page, problems, close } = await openPage(browser, url, options);
  await page.getByText(/posts\/s/).waitFor();
  await prepare?.(page);
  await restingPlaceOf(page, id);
  await page.waitForLoadState('networkidle', { timeout: 2000 }).catch(() => {});
  await sharp(await page.screenshot())
    .webp({ quality: 82 })
    .toFile(`${FOLDER}/${name}.webp`);
  if (process.argv.includes('--png')) await page.screenshot({ path: `/tmp/shots/${name}.png` });
  if (problems.length > 0) throw new Error(`taking ${name}: ${problems.join('\n')}`);
  await close();
}
