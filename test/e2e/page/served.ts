import { expect, test } from 'vitest';
import { openTestApi } from '../../helpers/api-server.ts';
import { RunningCli } from '../../helpers/cli.ts';
import { openPage } from '../../helpers/page.ts';
import { PAGE, type Scene } from './scene.ts';

/** The page comes from the server with what it needs, and nothing else runs on it. */
export function servedCases(scene: Scene): void {
  test('shows the demo as it runs, and its posts with pictures and entities', async () => {
    await using demo = new RunningCli(['demo', '--no-open', '--port', '0']);
    const [url] = await demo.waitFor(/http:\/\/[^/\s]+/);
    const { page, problems, close } = await openPage(scene.browser, url);
    await page.getByText(/^[1-9][\d,]* posts · /).waitFor();
    await page.getByText(/\d\.\d posts\/s/).waitFor();
    await page.getByRole('application', { name: /Graph of ([2-9]|[1-9]\d+) entities/ }).waitFor();
    await page.locator('.posts .mark').first().waitFor();
    await page.locator('.posts img.picture').first().waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  test('is served under a policy that lets only its own files run, zipped, and kept by the browser', async () => {
    const page = await fetch(`${scene.api.url}/`);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const [script = ''] = /\/assets\/[^"]+\.js/.exec(await page.text()) ?? [];
    const asked = await fetch(`${scene.api.url}${script}`);
    expect(asked.headers.get('content-encoding')).toBe('gzip');
    expect(Number(asked.headers.get('content-length'))).toBeLessThan(300_000);
    expect(asked.headers.get('cache-control')).toContain('immutable');
    const again = await fetch(`${scene.api.url}/`, { headers: { 'if-none-match': page.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
    expect((await fetch(`${scene.api.url}/assets/../index.html`)).status).toBe(404);
  });

  test('asks for a token where the server does, and goes on with it', async () => {
    const caller = { id: 'tok_1', scopes: new Set(['read']) };
    const credentials = [
      { any: async () => true, find: async (token: string) => (token === 'gv_right' ? caller : undefined) },
    ];
    await using closed = await openTestApi({ page: PAGE, requireToken: true, credentials: credentials as never });
    const { page, problems, close } = await openPage(scene.browser, closed.url);
    await page.getByLabel(/^Token/).fill('gv_right');
    await page.getByRole('button', { name: 'Use token' }).click();
    await page.getByText(/^No links yet/).waitFor();
    expect(problems).toEqual([]);
    await close();
  });
}
