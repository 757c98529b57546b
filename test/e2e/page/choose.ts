import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { restingPlaceOf } from '../../helpers/page.ts';
import { graphOf, type Scene } from './scene.ts';

/** A person chooses several entities, and does something with all of them. */
export function chooseCases(scene: Scene): void {
  const chosenOn = (page: Page) => page.getByRole('region', { name: 'Chosen' });

  test('Shift chooses on the drawing, around which a line is drawn, and in lists; all are pinned, hidden or connected at once', async () => {
    const [ada, cy] = [await scene.idOf('Ada Lark'), await scene.idOf('Cy Moor')];
    await scene.onPage(async (page) => {
      await graphOf(page).waitFor();
      const chosen = chosenOn(page);
      const places = [await restingPlaceOf(page, ada), await restingPlaceOf(page, cy)] as const;
      await page.keyboard.down('Shift');
      for (const { x, y } of places) await page.mouse.click(x, y);
      await page.keyboard.up('Shift');
      await chosen.getByText('2 entities chosen').waitFor();
      expect(new URL(page.url()).hash).toContain(`sel=${ada}&sel=${cy}`);
      await chosen.getByRole('button', { name: 'Pin all' }).click();
      expect(page.url()).toContain(`pin=${ada}&pin=${cy}`);
      await chosen.getByRole('button', { name: 'Path between' }).click();
      const path = page.getByRole('region', { name: 'Path', exact: true });
      await expect.poll(async () => (await path.innerText()).replaceAll(/\s+/g, ' ')).toContain('Ada Lark → member of');
      await path.getByRole('button', { name: 'End path' }).click();
      await chosen.getByRole('button', { name: 'Choose none' }).click();
      await page.getByRole('button', { name: 'Show all' }).click();
      await restingPlaceOf(page, ada);
      const { x, y, width, height } = (await page.locator('.stage').boundingBox()) ?? {
        x: 0,
        y: 0,
        width: 0,
        height: 0,
      };
      await page.keyboard.down('Shift');
      await page.mouse.move(x + 3, y + 3);
      await page.mouse.down();
      for (const [across, down] of [
        [1, 0],
        [1, 1],
        [0, 1],
      ] as const)
        await page.mouse.move(x + 3 + across * (width - 6), y + 3 + down * (height - 6));
      await page.mouse.up();
      await page.keyboard.up('Shift');
      const label = (await graphOf(page).getAttribute('aria-label')) ?? '';
      const [, all = ''] = /Graph of (\d+) entities/.exec(label) ?? [];
      await chosen.getByText(`${all} entities chosen`).waitFor();
      await chosen.getByRole('button', { name: 'Hide all' }).click();
      await page.getByRole('button', { name: `Show ${all} hidden` }).waitFor();
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByRole('application', { name: label }).waitFor();
    });
  });

  test('the keys choose in the table what is then watched together', async () => {
    await scene.onPage(
      async (page) => {
        await page.locator('tbody tr').nth(2).waitFor();
        const names = page.locator('tbody').getByRole('button', { name: /^(Ada Lark|Cy Moor)$/ });
        for (const place of [0, 1]) await names.nth(place).press('Shift+Enter');
        const chosen = chosenOn(page);
        await chosen.getByText('2 entities chosen').waitFor();
        await chosen.getByRole('button', { name: 'Watch this' }).click();
        const dialog = page.getByRole('dialog', { name: 'Watch this' });
        expect(await dialog.getByRole('checkbox', { name: 'only among them' }).isChecked()).toBe(false);
        await dialog.getByRole('button', { name: 'Cancel' }).click();
        await chosen.getByRole('button', { name: 'Ada Lark' }).click();
        await chosen.getByText('1 entity chosen').waitFor();
      },
      { hash: '#as=table' },
    );
  });
}
