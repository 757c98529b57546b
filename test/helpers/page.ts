import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** The page in a browser, with all that went wrong on it. */
export interface OpenPage {
  readonly page: Page;
  /** Errors, refusals by the page's policy, requests to other servers. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

/** Opens the page of a server in a profile of its own. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions & { hash?: string } = {},
): Promise<OpenPage> {
  const { hash = '', ...rest } = options;
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...rest });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error.stack ?? error)));
  page.on('console', (message) => {
    // That the server does not answer is a case of its own; software drawing says that it is slow.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) problems.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !/^(blob|data):/.test(request.url()))
      problems.push(`asked for ${request.url()}`);
  });
  await page.goto(`${url}/${hash}`);
  return { page, problems, close: () => context.close() };
}

/** The colour in which a link is drawn; undefined while it is not. */
export function colourOf(page: Page, factId: string): Promise<string | undefined> {
  type Drawn = HTMLElement & { drawing?: { colourOf(id: string): string | undefined } };
  return page.locator('.stage').evaluate((host, id) => (host as Drawn).drawing?.colourOf(id), factId);
}

/** Middle of an entity on the screen, once the layout has come to rest. */
export async function restingPlaceOf(page: Page, id: string): Promise<{ x: number; y: number }> {
  type Place = { x: number; y: number };
  type Drawn = HTMLElement & { drawing: { placeOf(id: string): Place | undefined } };
  return page.locator('.stage').evaluate(async (host, id) => {
    // No function has a name here: what gives names back to functions is not on the page.
    const { drawing } = host as Drawn;
    let last = { x: 0, y: 0 };
    for (let still = 0; still < 20; ) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const next = drawing.placeOf(id) ?? last;
      still = Math.hypot(next.x - last.x, next.y - last.y) < 0.5 ? still + 1 : 0;
      last = next;
    }
    const { left, top } = host.getBoundingClientRect();
    return { x: left + last.x, y: top + last.y };
  }, id);
}
