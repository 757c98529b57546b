import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { makeThumbnail } from '../../../src/consumers/images/thumbnail.ts';
import { FolderPictureStore } from '../../../src/graph/pictures/folder-picture-store.ts';
import { sketch } from '../../helpers/api-extractions.ts';
import { openTestApi, type TestApi } from '../../helpers/api-server.ts';
import { openBrowser } from '../../helpers/browser.ts';
import { encode, pattern } from '../../helpers/model-pictures.ts';
import { type OpenPage, openPage } from '../../helpers/page.ts';

/** The page as it was built. */
export const PAGE = fileURLToPath(new URL('../../../dist/web', import.meta.url));

/** Hash of a picture of which the server keeps a copy, twice as wide as it is high. */
export const SEEN = 'ab'.repeat(32);

/** The relation that the posts of the scene state. */
export const WORKS = '/per/org/member_of';

/** Minutes from the start of the posts until now: the time of a post that is news. */
export function minuteOfNow(): number {
  return Math.floor((Date.now() - Date.UTC(2026, 2, 1, 12)) / 60_000) - 1;
}

/** One browser and one server with a small graph, which the cases of the page share in their order. */
export class Scene implements AsyncDisposable {
  #browser: Browser | undefined;
  #api: TestApi | undefined;
  #folder = '';

  get browser(): Browser {
    if (!this.#browser) throw new Error('using the scene: it is not open yet');
    return this.#browser;
  }

  get api(): TestApi {
    if (!this.#api) throw new Error('using the scene: it is not open yet');
    return this.#api;
  }

  async open(browserPath: string): Promise<void> {
    this.#browser = await openBrowser(browserPath);
    this.#folder = await mkdtemp(join(tmpdir(), 'grapevine-page-'));
    const pictures = new FolderPictureStore(this.#folder);
    await pictures.put(SEEN, (await makeThumbnail(await encode(pattern(400, 200), 'png'))) as Uint8Array);
    this.#api = await openTestApi({ page: PAGE, decides: true, pictures });
    await this.tell({
      id: 'p1',
      text: '[Ada Lark|PER] joins [Brine Works|ORG]',
      relations: [{ type: WORKS, head: 0, tail: 1 }],
    });
    await this.tell({
      id: 'p2',
      text: '[Ada Lark|PER] still at [Brine Works|ORG], says Ben',
      relations: [{ type: WORKS, head: 0, tail: 1, p: 0.6 }],
      minute: 5,
    });
    await this.tell({
      id: 'p3',
      text: '[Cy Moor|PER] of [Brine Works|ORG] in [Delft|LOC]',
      relations: [
        { type: WORKS, head: 0, tail: 1 },
        { type: '/org/loc/headquarters', head: 1, tail: 2, p: 0.55 },
      ],
      minute: 9,
    });
  }

  /** Brings a post into the graph, and its events to those who listen. */
  async tell(post: Parameters<typeof sketch>[0]): Promise<void> {
    await this.api.store.replacePosts([sketch(post)]);
    await this.api.relay();
  }

  async idOf(name: string): Promise<string> {
    return (await this.api.query('query ($name: String) { entity(name: $name) { id } }', { name })).data.entity.id;
  }

  /** Runs on the page, and nothing may have gone wrong on it. */
  async onPage(
    work: (page: Page, opened: OpenPage) => Promise<void>,
    options: Parameters<typeof openPage>[2] = {},
  ): Promise<void> {
    const opened = await openPage(this.browser, this.api.url, options);
    try {
      await work(opened.page, opened);
      expect(opened.problems).toEqual([]);
    } finally {
      await opened.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser?.close();
    await this.#api?.[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** The drawing on a page. */
export function graphOf(page: Page): Locator {
  return page.getByRole('application', { name: /^Graph of/ });
}
