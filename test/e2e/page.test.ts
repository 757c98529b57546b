import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sketch } from '../helpers/api-extractions.ts';
import { openTestApi, type TestApi } from '../helpers/api-server.ts';
import { openBrowser, requireBrowser } from '../helpers/browser.ts';
import { RunningCli } from '../helpers/cli.ts';
import { HOSTILE_TEXTS } from '../helpers/hostile-texts.ts';
import { encode, pattern } from '../helpers/model-pictures.ts';
import { type OpenPage, openPage, restingPlaceOf } from '../helpers/page.ts';
import { startTcpProxy } from '../helpers/tcp-proxy.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PAGE = fileURLToPath(new URL('../../dist/web', import.meta.url));
const WORKS = '/per/org/member_of';

const path = requireBrowser();
let browser: Browser;
let api: TestApi;

beforeAll(async () => {
  if (path === undefined) return;
  browser = await openBrowser(path);
  api = await openTestApi({ page: PAGE });
  await tell({
    id: 'p1',
    text: '[Ada Lark|PER] joins [Brine Works|ORG]',
    relations: [{ type: WORKS, head: 0, tail: 1 }],
  });
  await tell({
    id: 'p2',
    text: '[Ada Lark|PER] still at [Brine Works|ORG], says Ben',
    relations: [{ type: WORKS, head: 0, tail: 1, p: 0.6 }],
    minute: 5,
  });
  await tell({
    id: 'p3',
    text: '[Cy Moor|PER] of [Brine Works|ORG] in [Delft|LOC]',
    relations: [
      { type: WORKS, head: 0, tail: 1 },
      { type: '/org/loc/headquarters', head: 1, tail: 2, p: 0.55 },
    ],
    minute: 9,
  });
});

afterAll(async () => {
  await browser?.close();
  await api?.[Symbol.asyncDispose]();
});

async function tell(post: Parameters<typeof sketch>[0]): Promise<void> {
  await api.store.replacePosts([sketch(post)]);
  await api.relay();
}

async function idOf(name: string): Promise<string> {
  return (await api.query('query ($name: String) { entity(name: $name) { id } }', { name })).data.entity.id;
}

/** Runs on the page, and nothing may have gone wrong on it. */
async function onPage(
  work: (page: Page, opened: OpenPage) => Promise<void>,
  options: Parameters<typeof openPage>[2] = {},
) {
  const opened = await openPage(browser, api.url, options);
  try {
    await work(opened.page, opened);
    expect(opened.problems).toEqual([]);
  } finally {
    await opened.close();
  }
}

const graph = (page: Page) => page.getByRole('application', { name: /^Graph of/ });

describe.skipIf(path === undefined)('the page', () => {
  test('shows the demo as it runs, and its posts with pictures and entities', { timeout: 90_000 }, async () => {
    await using demo = new RunningCli(['demo', '--no-open', '--port', '0']);
    const [url] = await demo.waitFor(/http:\/\/[^/\s]+/);
    const { page, problems, close } = await openPage(browser, url);
    await page.getByText(/^[1-9][\d,]* posts · /).waitFor();
    await page.getByText(/\d\.\d posts\/s/).waitFor();
    await page.getByRole('application', { name: /Graph of [2-9] entities/ }).waitFor();
    await page.locator('.posts .mark').first().waitFor();
    await page.locator('.posts img.picture').first().waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  test('is served under a policy that lets only its own files run, zipped, and kept by the browser', async () => {
    const page = await fetch(`${api.url}/`);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const [script = ''] = /\/assets\/[^"]+\.js/.exec(await page.text()) ?? [];
    const asked = await fetch(`${api.url}${script}`);
    expect(asked.headers.get('content-encoding')).toBe('gzip');
    expect(Number(asked.headers.get('content-length'))).toBeLessThan(300_000);
    expect(asked.headers.get('cache-control')).toContain('immutable');
    const again = await fetch(`${api.url}/`, { headers: { 'if-none-match': page.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
    expect((await fetch(`${api.url}/assets/../index.html`)).status).toBe(404);
  });

  test('takes new links in without moving the others away, holds them back while paused, and catches up', async () => {
    await onPage(async (page) => {
      await page.getByRole('application', { name: 'Graph of 4 entities and 3 links' }).waitFor();
      await page.locator('.post').first().waitFor();
      await tell({
        id: 'q1',
        text: '[Eve Nord|PER] joins [Brine Works|ORG]',
        relations: [{ type: WORKS, head: 0, tail: 1 }],
        minute: 20,
      });
      await page.getByRole('application', { name: 'Graph of 5 entities and 4 links' }).waitFor();
      await page.locator('.post.is-new', { hasText: 'Eve Nord joins' }).waitFor();
      await page.getByRole('button', { name: 'Pause' }).click();
      await tell({
        id: 'q2',
        text: '[Finn Oak|PER] joins [Brine Works|ORG]',
        relations: [{ type: WORKS, head: 0, tail: 1 }],
        minute: 21,
      });
      await page.getByRole('button', { name: 'Catch up (1)' }).waitFor();
      await page.getByRole('application', { name: 'Graph of 5 entities and 4 links' }).waitFor();
      await page.getByRole('button', { name: 'Catch up (1)' }).click();
      await page.getByRole('application', { name: 'Graph of 6 entities and 5 links' }).waitFor();
      await page.getByText('Caught up 1 changes.').waitFor();
    });
  });

  test('finds an entity from anywhere with /, and shows its names, links and mentions', async () => {
    await onPage(async (page) => {
      await graph(page).waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type('ada');
      await page.getByRole('option', { name: /Ada Lark/ }).waitFor();
      await page.keyboard.press('Enter');
      const details = page.getByRole('complementary', { name: 'Details' });
      await details.getByRole('heading', { name: 'Ada Lark' }).waitFor();
      await details.getByText('PER · 2 mentions · 1 link').waitFor();
      await details.getByRole('button', { name: /Brine Works.*2 sources/ }).click();
      await details.getByText('2 posts of 2 authors say so, which are 2 independent sources').waitFor();
      expect(await details.locator('.evidence').count()).toBe(2);
      expect(await details.locator('.evidence .mark').allInnerTexts()).toEqual([
        'Ada Lark',
        'Brine Works',
        'Ada Lark',
        'Brine Works',
      ]);
      await page.keyboard.press('Escape');
      await page.getByRole('heading', { name: 'Newest posts' }).waitFor();
    });
  });

  test('the legend, confidence and sources are filters, and the address holds them', async () => {
    await onPage(async (page) => {
      await graph(page).waitFor();
      await page.getByRole('button', { name: 'Table' }).click();
      const lines = page.locator('tbody tr');
      const before = await lines.count();
      await page.getByRole('checkbox', { name: /LOC/ }).uncheck();
      await expect.poll(() => lines.count()).toBe(before - 1);
      await page.getByRole('spinbutton', { name: 'Independent sources' }).fill('2');
      await expect.poll(() => lines.count()).toBe(1);
      const address = page.url();
      expect(address).toContain('no=LOC');
      await page.getByRole('button', { name: 'Undo' }).click();
      await expect.poll(() => lines.count()).toBe(before - 1);
      await page.goto('about:blank');
      await page.goto(address);
      await expect.poll(() => lines.count()).toBe(1);
    });
  });

  test('a click on the drawing selects; hide, pin and undo do what they say', async () => {
    await onPage(async (page) => {
      const ada = await idOf('Ada Lark');
      await graph(page).waitFor();
      const details = page.getByRole('complementary', { name: 'Details' });
      const { x, y } = await restingPlaceOf(page, ada);
      await page.mouse.click(x, y);
      await details.getByRole('heading', { name: 'Ada Lark' }).waitFor();
      await details.getByRole('button', { name: 'Pin' }).click();
      expect(page.url()).toContain(`pin=${ada}`);
      await details.getByRole('button', { name: 'Hide' }).click();
      await page.getByRole('button', { name: 'Show 1 hidden' }).waitFor();
      await page.getByRole('button', { name: 'Undo' }).click();
      await expect.poll(() => page.getByRole('button', { name: 'Show 1 hidden' }).count()).toBe(0);
    });
  });

  test('shows a path between two entities', async () => {
    const hash = `#path=${await idOf('Ada Lark')}&path=${await idOf('Delft')}`;
    await onPage(
      async (page) => {
        const path = page.getByRole('region', { name: 'Path' });
        await path.getByRole('button', { name: 'Delft' }).waitFor();
        expect((await path.innerText()).replaceAll(/\s+/g, ' ')).toContain(
          'Ada Lark → member of Brine Works → headquarters Delft',
        );
      },
      { hash },
    );
  });

  test('a wrong fact is rejected with a reason, and that is taken back', async () => {
    await tell({
      id: 'w1',
      text: '[Hal Reed|PER] joins [Brine Works|ORG]',
      relations: [{ type: WORKS, head: 0, tail: 1 }],
      minute: 32,
    });
    await onPage(
      async (page) => {
        const details = page.getByRole('complementary', { name: 'Details' });
        await details.getByRole('button', { name: /Brine Works.*1 source/ }).click();
        await details.getByText('This is wrong').click();
        await details.getByLabel(/^Why/).fill('he left');
        await details.getByRole('button', { name: 'Reject the fact' }).click();
        const undo = page.getByRole('button', { name: 'Take back' });
        await undo.waitFor();
        await api.relay();
        const [decision] = (await api.query('{ decisions(first: 1) { edges { node { kind reason isInForce } } } }'))
          .data.decisions.edges;
        expect(decision.node).toEqual({ kind: 'REJECT', reason: 'he left', isInForce: true });
        await undo.click();
        await page.getByText('Taken back.').waitFor();
        await api.relay();
      },
      { hash: `#at=${await idOf('Hal Reed')}` },
    );
  });

  test('what may be the same is decided in place: same, taken back, not the same', async () => {
    await tell({ id: 'm1', text: '[Quay Lab|ORG] and [Quay Lab|LOC]', minute: 33 });
    await onPage(
      async (page) => {
        const suggestions = page.getByRole('region', { name: 'Suggestions' });
        await suggestions.getByRole('button', { name: 'Same', exact: true }).click();
        await page.getByText('Quay Lab is Quay Lab now.').waitFor();
        await expect.poll(() => suggestions.count()).toBe(0);
        await page.getByRole('button', { name: 'Take back' }).click();
        await page.getByText('Taken back.').waitFor();
        await suggestions.getByRole('button', { name: 'Not the same' }).click();
        await page.getByText('Quay Lab and Quay Lab stay two.').waitFor();
        await expect.poll(() => suggestions.count()).toBe(0);
      },
      { hash: `#at=${await idOf('Quay Lab')}` },
    );
  });

  test('says when it cannot draw all, and search still finds the rest', async () => {
    await tell({
      id: 'n1',
      text: [...'abcdefgh'].map((letter) => `[Nn${letter} One|PER] of [Nn${letter} Two|ORG]`).join(', '),
      relations: [...'abcdefgh'].map((_, i) => ({ type: WORKS, head: 2 * i, tail: 2 * i + 1 })),
      minute: 35,
    });
    const ada = await idOf('Ada Lark');
    await onPage(
      async (page) => {
        await page.getByText(/^The newest 10 entities of [\d,]+ are shown/).waitFor();
        await page.getByRole('application', { name: 'Graph of 10 entities and 5 links' }).waitFor();
        await page.getByRole('combobox', { name: 'Search entities' }).fill('ada lark');
        await page.getByRole('option', { name: /Ada Lark/ }).click();
        await page.getByRole('heading', { name: 'Ada Lark' }).waitFor();
        // What is looked at comes in beside the rest.
        await page.getByRole('application', { name: 'Graph of 12 entities and 6 links' }).waitFor();
        expect(page.url()).toContain(ada);
      },
      { hash: '#n=10' },
    );
  });

  test('says what is mentioned more than before', async () => {
    const minute = Math.floor((Date.now() - Date.UTC(2026, 2, 1, 12)) / 60_000) - 1;
    for (const i of [1, 2, 3]) await tell({ id: `t${i}`, text: '[Ivo Vale|PER] again', minute });
    await onPage(async (page) => {
      await page.getByText('Trending').click();
      await page.locator('.trending').getByRole('button', { name: 'Ivo Vale' }).click();
      await page.getByRole('heading', { name: 'Ivo Vale' }).waitFor();
    });
  });

  test('shows what the model finds in a post with a picture, and keeps nothing', async () => {
    const before = (await api.query('{ stats { posts } }')).data.stats.posts;
    await onPage(async (page) => {
      await page.getByRole('button', { name: 'Try a post' }).click();
      const dialog = page.getByRole('dialog', { name: 'Try a post' });
      await dialog.getByLabel('Text').fill('Ana Lima moves to Lisbon');
      const buffer = Buffer.from(await encode(pattern(40, 30), 'png'));
      await dialog.getByLabel(/^Picture/).setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer });
      await dialog.getByRole('button', { name: 'Read it' }).click();
      await dialog.getByText('Picture: seen').waitFor();
      expect(await dialog.locator('mark').allInnerTexts()).toEqual(['Ana Lima', 'Lisbon']);
      await dialog.getByText('place of residence').waitFor();
    });
    expect((await api.query('{ stats { posts } }')).data.stats.posts).toBe(before);
  });

  test('saves what is shown as PNG, CSV, JSON and GEXF', async () => {
    await onPage(async (page) => {
      await page.getByRole('application', { name: /[1-9] links/ }).waitFor();
      const starts: Record<string, RegExp> = {
        'Picture (PNG)': /^\u2030?.?PNG/,
        'Table (CSV)': /^head,.*\r\n[^]*Brine Works/,
        'Entities and facts (JSON)': /"name": "Ada Lark"/,
        'Graph for Gephi (GEXF)': /<gexf [^]*label="Ada Lark"/,
      };
      for (const [name, start] of Object.entries(starts)) {
        await page.getByRole('button', { name: 'Export' }).click();
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('menuitem', { name }).click(),
        ]);
        expect(readFileSync(await download.path(), 'latin1')).toMatch(start);
      }
    });
  });

  test('says that the server is gone, and what it caught up when it is back', async () => {
    await using door = await startTcpProxy(Number(new URL(api.url).port));
    const { page, problems, close } = await openPage(browser, `http://127.0.0.1:${door.port}`);
    await page.getByRole('application', { name: /[1-9] links/ }).waitFor();
    door.refuse();
    await page.getByText(/Trying again; nothing is lost/).waitFor();
    await tell({
      id: 'r1',
      text: '[Gil Pine|PER] joins [Brine Works|ORG]',
      relations: [{ type: WORKS, head: 0, tail: 1 }],
      minute: 30,
    });
    door.accept();
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await page.getByText('Connected again. Caught up 1 changes.').waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  test('has no serious fault for those who cannot see or use a mouse: light, dark, table, details, phone', async () => {
    const ada = await idOf('Ada Lark');
    const views = [
      { colorScheme: 'light', hash: `#at=${ada}` },
      { colorScheme: 'dark', hash: '#as=table' },
      { colorScheme: 'dark', hash: '', viewport: { width: 390, height: 800 } },
    ] as const;
    for (const view of views) {
      await onPage(
        async (page) => {
          await page.getByText(/ posts · /).waitFor();
          await page.locator('.post').first().waitFor({ state: 'attached' });
          await page.evaluate(AXE);
          const faults = await page.evaluate(async () => {
            type Axe = { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
            const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run();
            return violations.map(
              ({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map((node) => node.html).join(' ')}`,
            );
          });
          expect(faults.filter((fault) => /^(serious|critical)/.test(fault))).toEqual([]);
          expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
        },
        { ...view },
      );
    }
  });

  test('a hostile post is text and nothing else', { timeout: 60_000 }, async () => {
    const word = 'w'.repeat(5000);
    const script = '<script>document.title="owned"</script><img src=x onerror=document.title="owned">';
    const texts = [script, `\u202e[Rev Erse|PER]\u202e ${word}`, ...HOSTILE_TEXTS];
    for (const [i, text] of texts.entries()) {
      await tell({
        id: `h${i}`,
        text: `[${script.replaceAll(/[\]|]/g, '')}|PER] of [Evil ${i}|ORG] ${text}`,
        relations: [{ type: WORKS, head: 0, tail: 1 }],
        minute: 40 + i,
        author: script,
      });
    }
    await onPage(async (page) => {
      await page.locator('.post', { hasText: '<script>' }).first().waitFor();
      await page.getByRole('button', { name: 'Table' }).click();
      await page.locator('tbody tr', { hasText: 'onerror' }).first().waitFor();
      await page
        .locator('tbody')
        .getByRole('button', { name: /onerror/ })
        .first()
        .click();
      await page.getByRole('heading', { name: /onerror/ }).waitFor();
      expect(await page.title()).toBe('Grapevine');
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    });
  });
});

describe.skipIf(path === undefined)('a page that has to show a token', () => {
  test('asks for it, and goes on with it', async () => {
    const caller = { id: 'tok_1', scopes: new Set(['read']) };
    const credentials = [
      { any: async () => true, find: async (token: string) => (token === 'gv_right' ? caller : undefined) },
    ];
    await using closed = await openTestApi({ page: PAGE, requireToken: true, credentials: credentials as never });
    const { page, problems, close } = await openPage(browser, closed.url);
    await page.getByLabel(/^Token/).fill('gv_right');
    await page.getByRole('button', { name: 'Use token' }).click();
    await page.getByText(/^No links yet/).waitFor();
    expect(problems).toEqual([]);
    await close();
  });
});
