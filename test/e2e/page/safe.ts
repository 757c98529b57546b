import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { HOSTILE_TEXTS } from '../../helpers/hostile-texts.ts';
import { type Scene, WORKS } from './scene.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A look of the page, and what is pressed on it. */
type View = Parameters<Scene['onPage']>[1] & { readonly press?: readonly RegExp[] };

/** The page can be used by everybody, and no post harms it. */
export function safeCases(scene: Scene): void {
  test('has no serious fault for those who cannot see or use a mouse: light, dark, table, details, phone, alerts', async () => {
    const ada = await scene.idOf('Ada Lark');
    const views = [
      { colorScheme: 'light', hash: `#at=${ada}` },
      { colorScheme: 'dark', hash: '#as=table' },
      { colorScheme: 'dark', hash: '', viewport: { width: 390, height: 800 } },
      { colorScheme: 'light', hash: '', press: [/^Alerts/, /^Watch this/] },
    ] as const satisfies readonly View[];
    for (const { press = [], ...view } of views as readonly View[]) {
      await scene.onPage(async (page) => {
        await page.getByText(/ posts · /).waitFor();
        await page.locator('.post').first().waitFor({ state: 'attached' });
        for (const name of press) await page.getByRole('button', { name }).click();
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
      }, view);
    }
  });

  test('a hostile post is text and nothing else', async () => {
    const word = 'w'.repeat(5000);
    const script = '<script>document.title="owned"</script><img src=x onerror=document.title="owned">';
    const texts = [script, `\u202e[Rev Erse|PER]\u202e ${word}`, ...HOSTILE_TEXTS];
    for (const [i, text] of texts.entries()) {
      await scene.tell({
        id: `h${i}`,
        text: `[${script.replaceAll(/[\]|]/g, '')}|PER] of [Evil ${i}|ORG] ${text}`,
        relations: [{ type: WORKS, head: 0, tail: 1 }],
        minute: 40 + i,
        author: script,
      });
    }
    await scene.onPage(async (page) => {
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
}
