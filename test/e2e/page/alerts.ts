import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { minuteOfNow, type Scene, WORKS } from './scene.ts';

/** A person has the graph watched, and is told. */
export function alertCases(scene: Scene): void {
  const join = (id: string, who: string, where: string) =>
    scene.tell({
      id,
      text: `[${who}|PER] joins [${where}|ORG]`,
      relations: [{ type: WORKS, head: 0, tail: 1 }],
      minute: minuteOfNow(),
    });
  const dialogOf = (page: Page) => page.getByRole('dialog', { name: 'Watch this' });

  test('makes a rule of what is looked at, shows what it would have told, and tells what comes: with evidence, to silence', async () => {
    await join('a1', 'Jon Hale', 'Brine Works');
    await scene.onPage(
      async (page) => {
        const details = page.getByRole('complementary', { name: 'Details' });
        await details.getByRole('button', { name: 'Watch this' }).click();
        const dialog = dialogOf(page);
        await dialog.getByText('1 alert, of').waitFor();
        await dialog.getByText('Jon Hale member of Brine Works').waitFor();
        await dialog.getByRole('button', { name: 'Watch', exact: true }).click();
        await page.getByText('“News of Jon Hale” watches from now on.').waitFor();
        await join('a2', 'Jon Hale', 'Moss Bank');
        await page.getByRole('button', { name: 'Alerts 1 new' }).click();
        const alert = page.getByRole('article').filter({ hasText: 'News of Jon Hale' });
        await alert.getByRole('button', { name: /Moss Bank/ }).click();
        await details.getByText('1 piece of evidence').waitFor();
        expect(await details.locator('.evidence .mark').allInnerTexts()).toEqual(['Jon Hale', 'Moss Bank']);
        await page.getByRole('button', { name: 'Alerts', exact: true }).click();
        await alert.getByText('Silence', { exact: true }).click();
        await alert.getByLabel(/^This rule/).selectOption('for 1 hour');
        await page.getByRole('region', { name: 'Silences' }).getByText('News of Jon Hale').waitFor();
        await join('a3', 'Jon Hale', 'Fern House');
        await page
          .getByRole('article')
          .filter({ hasText: 'Fern House' })
          .getByText(/silenced/)
          .waitFor();
        await page.getByRole('button', { name: 'Take back' }).last().click();
        await page.getByText('The silence is over.').waitFor();
        const rules = page.getByRole('region', { name: 'Rules' });
        await rules.getByText('News of Jon Hale', { exact: true }).click();
        await rules.getByRole('button', { name: 'Delete' }).click();
        await rules.getByText('No rule watches yet.').waitFor();
      },
      { hash: `#at=${await scene.idOf('Jon Hale')}` },
    );
  });

  test('a mention of somebody is told, with the post', async () => {
    await scene.onPage(
      async (page) => {
        await page.getByRole('complementary', { name: 'Details' }).getByRole('button', { name: 'Watch this' }).click();
        const dialog = dialogOf(page);
        await dialog.getByLabel('Name').fill('Jon in the news');
        await dialog.getByLabel('Tell me when').selectOption('A post mentions it');
        await dialog.getByText(/from now on/).waitFor();
        await dialog.getByRole('button', { name: 'Watch', exact: true }).click();
        await page.getByText('“Jon in the news” watches from now on.').waitFor();
        await page.getByRole('button', { name: /^Alerts/ }).click();
        const alert = page.getByRole('article').filter({ hasText: 'Jon in the news' });
        // Mentions are told from when those who decide have taken up the rule.
        let posts = 0;
        await expect
          .poll(
            async () => {
              await scene.tell({ id: `talk ${posts++}`, text: '[Jon Hale|PER] is at sea', minute: minuteOfNow() });
              return alert.count();
            },
            { timeout: 120_000 },
          )
          .toBeGreaterThan(0);
        await alert
          .first()
          .getByText(/is mentioned/)
          .waitFor();
        await alert.first().getByText('Jon Hale is at sea').waitFor();
      },
      { hash: `#at=${await scene.idOf('Jon Hale')}` },
    );
  });

  test('a rule about far more mentions than usual is made, of an entity and of the two ends of a link', async () => {
    const watch = async (page: Page, when: string, name: string) => {
      await page.getByRole('complementary', { name: 'Details' }).getByRole('button', { name: 'Watch this' }).click();
      const dialog = dialogOf(page);
      await dialog.getByLabel('Name').fill(name);
      await dialog.getByLabel('Tell me when').selectOption(when);
      await dialog.getByText(/from now on/).waitFor();
      await dialog.getByText(/^0 alerts, of/).waitFor();
      await dialog.getByRole('button', { name: 'Watch', exact: true }).click();
      await page.getByText(`“${name}” watches from now on.`).waitFor();
    };
    await scene.onPage(
      async (page) => {
        await watch(page, 'Posts mention it far more than usual', 'Talk of Jon');
        const details = page.getByRole('complementary', { name: 'Details' });
        await details
          .getByRole('button', { name: /Brine Works/ })
          .first()
          .click();
        await watch(page, 'Posts mention the two together far more than usual', 'Talk of two');
        await page.getByRole('button', { name: /^Alerts/ }).click();
        const rules = page.getByRole('region', { name: 'Rules' });
        for (const [name, trigger] of [
          ['Talk of Jon', 'entity.spike'],
          ['Talk of two', 'pair.spike'],
        ] as const) {
          await rules.getByText(name, { exact: true }).click();
          await rules.getByText(trigger).waitFor();
          await rules.getByRole('button', { name: `Delete the rule ${name}` }).click();
          await expect.poll(() => rules.getByText(name, { exact: true }).count()).toBe(0);
        }
      },
      { hash: `#at=${await scene.idOf('Jon Hale')}` },
    );
  });

  test('the filters of the page are conditions of a rule, each to be left out; what a server refuses is said', async () => {
    await scene.onPage(
      async (page) => {
        await page.getByRole('form', { name: 'Filters' }).getByRole('button', { name: 'Watch this' }).click();
        const dialog = dialogOf(page);
        await dialog.getByText('0 alerts, of').waitFor();
        await dialog.getByRole('checkbox', { name: 'from 2 independent sources or more' }).uncheck();
        await dialog.getByText(/^[1-9]\d* alerts?, of/).waitFor();
        expect(await dialog.getByRole('checkbox').count()).toBe(4);
        await dialog.getByLabel('Tell me when').selectOption('An entity appears');
        await dialog.getByText(/Jon Hale PER is new/).waitFor();
        expect(await dialog.getByRole('checkbox').count()).toBe(1);
        await dialog.getByLabel('Tell me when').selectOption('A link appears, or becomes sure enough');
        expect(await dialog.getByRole('checkbox', { name: 'at least 75% sure' }).isChecked()).toBe(true);
        await dialog.getByLabel('Name').fill(' ');
        await dialog.getByRole('alert').filter({ hasText: /name/i }).waitFor();
        expect(await dialog.getByRole('button', { name: 'Watch', exact: true }).isDisabled()).toBe(true);
        await page.keyboard.press('Escape');
        await expect.poll(() => dialog.count()).toBe(0);
      },
      { hash: '#conf=0.75&sources=2&no=LOC' },
    );
  });
}
