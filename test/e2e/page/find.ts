import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { restingPlaceOf } from '../../helpers/page.ts';
import { graphOf, minuteOfNow, type Scene, SEEN, WORKS } from './scene.ts';

/** A person finds things, filters them, points at them and takes them along. */
export function findCases(scene: Scene): void {
  test('finds an entity from anywhere with /, and shows its names, links and mentions', async () => {
    await scene.onPage(async (page) => {
      await graphOf(page).waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type('nobody at all');
      await page.getByRole('status').getByText('Nothing found.').waitFor();
      await page.getByRole('combobox', { name: 'Search entities' }).fill('');
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

  test('a picture of evidence is shown with the parts that the model read by themselves', async () => {
    await scene.tell({
      id: 'v1',
      text: '[Uma Dale|PER] waves at [Brine Works|ORG]',
      relations: [{ type: WORKS, head: 0, tail: 1 }],
      pictures: [{ source: 'a.png', sha256: SEEN, outcome: 'ok', regions: [[0.25, 0.5, 0.75, 1]] }],
      minute: 31,
    });
    await scene.onPage(
      async (page) => {
        const details = page.getByRole('complementary', { name: 'Details' });
        await details.getByRole('button', { name: /Brine Works.*1 source/ }).click();
        await details.getByText('The model read the picture, and 1 part of it.').waitFor();
        const boxOf = async (selector: string) => {
          const box = await details.locator(`.evidence ${selector}`).boundingBox();
          return box ?? { x: 0, y: 0, width: 0, height: 0 };
        };
        await expect.poll(async () => (await boxOf('img')).width).toBeGreaterThan(100);
        const [whole, part] = [await boxOf('img'), await boxOf('.region')];
        expect(part.x - whole.x).toBeCloseTo(whole.width / 4, 0);
        expect(part.y - whole.y).toBeCloseTo(whole.height / 2, 0);
        expect(part.width).toBeCloseTo(whole.width / 2, 0);
        expect(part.height).toBeCloseTo(whole.height / 2, 0);
      },
      { hash: `#at=${await scene.idOf('Uma Dale')}` },
    );
  });

  test('the legend, confidence and sources are filters, and the address holds them', async () => {
    await scene.onPage(async (page) => {
      await page.getByRole('application', { name: /[1-9] links/ }).waitFor();
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
    await scene.onPage(async (page) => {
      const ada = await scene.idOf('Ada Lark');
      await graphOf(page).waitFor();
      const details = page.getByRole('complementary', { name: 'Details' });
      const { x, y } = await restingPlaceOf(page, ada);
      // A hand that trembles while it presses drags nothing.
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(x + 1, y + 1);
      await page.mouse.up();
      await details.getByRole('heading', { name: 'Ada Lark' }).waitFor();
      expect(page.url()).not.toContain('pin=');
      await details.getByRole('button', { name: 'Pin' }).click();
      expect(page.url()).toContain(`pin=${ada}`);
      await details.getByRole('button', { name: 'Hide' }).click();
      await page.getByRole('button', { name: 'Show 1 hidden' }).waitFor();
      await page.getByRole('button', { name: 'Undo' }).click();
      await expect.poll(() => page.getByRole('button', { name: 'Show 1 hidden' }).count()).toBe(0);
    });
  });

  test('shows a path between two entities', async () => {
    const hash = `#path=${await scene.idOf('Ada Lark')}&path=${await scene.idOf('Delft')}`;
    await scene.onPage(
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

  test('says when it cannot draw all, and search still finds the rest', async () => {
    await scene.tell({
      id: 'n1',
      text: [...'abcdefgh'].map((letter) => `[Nn${letter} One|PER] of [Nn${letter} Two|ORG]`).join(', '),
      relations: [...'abcdefgh'].map((_, i) => ({ type: WORKS, head: 2 * i, tail: 2 * i + 1 })),
      minute: 35,
    });
    const ada = await scene.idOf('Ada Lark');
    await scene.onPage(
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

  test('a full page keeps what was asked for while news comes in', async () => {
    const hash = `#n=10&as=table&path=${await scene.idOf('Ada Lark')}&path=${await scene.idOf('Delft')}`;
    await scene.onPage(
      async (page) => {
        const line = (name: string) => page.locator('tbody tr').filter({ hasText: name });
        await line('Ada Lark').waitFor();
        await scene.tell({
          id: 'n2',
          text: '[Late Guest|PER] of [Late House|ORG]',
          relations: [{ type: WORKS, head: 0, tail: 1 }],
          minute: 36,
        });
        await line('Late Guest').waitFor();
        expect(await line('Ada Lark').count()).toBe(1);
        expect(await line('Delft').count()).toBe(1);
      },
      { hash },
    );
  });

  test('the links of an entity that a full page leaves out are counted, brought in and taken back', async () => {
    await scene.tell({
      id: 'n3',
      text: '[Late Guest|PER] of [Brine Works|ORG]',
      relations: [{ type: WORKS, head: 0, tail: 1 }],
      minute: 37,
    });
    await scene.onPage(
      async (page) => {
        const lines = page.locator('tbody tr').filter({ hasText: 'Brine Works' });
        const details = page.getByRole('complementary', { name: 'Details' });
        const expand = details.getByRole('button', { name: /^Expand \(\d+ hidden\)$/ });
        await lines.first().getByRole('button', { name: 'Brine Works' }).click();
        await expand.waitFor();
        const hidden = Number(/\d+/.exec(await expand.innerText())?.[0]);
        const before = await lines.count();
        await expand.click();
        await details.getByRole('button', { name: 'Collapse' }).waitFor();
        await expect.poll(() => lines.count()).toBe(before + hidden);
        await details.getByRole('button', { name: 'Collapse' }).click();
        await expect.poll(() => lines.count()).toBe(before);
      },
      { hash: '#n=10&as=table' },
    );
  });

  test('says what is mentioned more than before', async () => {
    for (const i of [1, 2, 3]) await scene.tell({ id: `t${i}`, text: '[Ivo Vale|PER] again', minute: minuteOfNow() });
    await scene.onPage(async (page) => {
      await page.getByText('Trending').click();
      await page.locator('.trending').getByRole('button', { name: 'Ivo Vale' }).click();
      await page.getByRole('heading', { name: 'Ivo Vale' }).waitFor();
    });
  });

  test('saves what is shown as PNG, CSV, JSON and GEXF', async () => {
    await scene.onPage(async (page) => {
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
}
