import { expect, test } from 'vitest';
import { paletteOf } from '../../../web/src/graph/palette.ts';
import { colourOf, openPage } from '../../helpers/page.ts';
import { startTcpProxy } from '../../helpers/tcp-proxy.ts';
import { type Scene, WORKS } from './scene.ts';

/** The page follows the graph. */
export function liveCases(scene: Scene): void {
  test('takes new links in without moving the others away, holds them back while paused, and catches up', async () => {
    await scene.onPage(async (page) => {
      await page.getByRole('application', { name: 'Graph of 4 entities and 3 links' }).waitFor();
      await page.locator('.post').first().waitFor();
      await scene.tell({
        id: 'q1',
        text: '[Eve Nord|PER] joins [Brine Works|ORG]',
        relations: [{ type: WORKS, head: 0, tail: 1 }],
        minute: 20,
      });
      await page.getByRole('application', { name: 'Graph of 5 entities and 4 links' }).waitFor();
      await page.locator('.post.is-new', { hasText: 'Eve Nord joins' }).waitFor();
      await page.getByRole('button', { name: 'Pause' }).click();
      await scene.tell({
        id: 'q2',
        text: '[Finn Oak|PER] joins [Brine Works|ORG]',
        relations: [{ type: WORKS, head: 0, tail: 1 }],
        minute: 21,
      });
      await page.getByRole('button', { name: 'Catch up (1)' }).waitFor();
      await page.getByRole('application', { name: 'Graph of 5 entities and 4 links' }).waitFor();
      await page.getByRole('button', { name: 'Catch up (1)' }).click();
      await page.getByRole('application', { name: 'Graph of 6 entities and 5 links' }).waitFor();
      await page.getByText('Caught up 1 change.').waitFor();
    });
  });

  test('links fade with age, unless somebody wants nothing to change by itself', async () => {
    const [{ node }] = (await scene.api.query('{ facts(first: 1) { edges { node { id lastSeen } } } }')).data.facts
      .edges;
    expect(Date.now() - Date.parse(node.lastSeen)).toBeGreaterThan(86_400_000);
    const { edge, ages } = paletteOf(false);
    for (const [reducedMotion, colour] of [
      ['reduce', edge],
      ['no-preference', ages.at(-1)],
    ] as const)
      await scene.onPage((page) => expect.poll(() => colourOf(page, node.id)).toBe(colour), { reducedMotion });
  });

  test('says that the server is gone, and what it caught up when it is back', async () => {
    await using door = await startTcpProxy(Number(new URL(scene.api.url).port));
    const { page, problems, close } = await openPage(scene.browser, `http://127.0.0.1:${door.port}`);
    await page.getByRole('application', { name: /[1-9] links/ }).waitFor();
    door.refuse();
    await page.getByText(/Trying again; nothing is lost/).waitFor();
    await scene.tell({
      id: 'r1',
      text: '[Gil Pine|PER] joins [Brine Works|ORG]',
      relations: [{ type: WORKS, head: 0, tail: 1 }],
      minute: 30,
    });
    door.accept();
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await page.getByText('Connected again. Caught up 1 change.').waitFor();
    expect(problems).toEqual([]);
    await close();
  });
}
