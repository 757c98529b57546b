import { expect, test } from 'vitest';
import { encode, pattern } from '../../helpers/model-pictures.ts';
import { type Scene, WORKS } from './scene.ts';

/** A person decides, and tries a post. */
export function decideCases(scene: Scene): void {
  test('a wrong fact is rejected with a reason, and that is taken back', async () => {
    await scene.tell({
      id: 'w1',
      text: '[Hal Reed|PER] joins [Brine Works|ORG]',
      relations: [{ type: WORKS, head: 0, tail: 1 }],
      minute: 32,
    });
    await scene.onPage(
      async (page) => {
        const details = page.getByRole('complementary', { name: 'Details' });
        await details.getByRole('button', { name: /Brine Works.*1 source/ }).click();
        await details.getByText('This is wrong').click();
        await details.getByLabel(/^Why/).fill('he left');
        await details.getByRole('button', { name: 'Reject the fact' }).click();
        const undo = page.getByRole('button', { name: 'Take back' });
        await undo.waitFor();
        await scene.api.relay();
        const [decision] = (
          await scene.api.query('{ decisions(first: 1) { edges { node { kind reason isInForce } } } }')
        ).data.decisions.edges;
        expect(decision.node).toEqual({ kind: 'REJECT', reason: 'he left', isInForce: true });
        await undo.click();
        await page.getByText('Taken back.').waitFor();
        await scene.api.relay();
      },
      { hash: `#at=${await scene.idOf('Hal Reed')}` },
    );
  });

  test('what may be the same is decided in place: same, taken back, not the same', async () => {
    await scene.tell({ id: 'm1', text: '[Quay Lab|ORG] and [Quay Lab|LOC]', minute: 33 });
    await scene.onPage(
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
      { hash: `#at=${await scene.idOf('Quay Lab')}` },
    );
  });

  test('shows what the model finds in a post with a picture, and keeps nothing', async () => {
    const before = (await scene.api.query('{ stats { posts } }')).data.stats.posts;
    await scene.onPage(async (page) => {
      await page.getByRole('button', { name: 'Try a post' }).click();
      const dialog = page.getByRole('dialog', { name: 'Try a post' });
      await dialog.getByLabel('Text').fill('Ana Lima moves to Lisbon');
      const buffer = Buffer.from(await encode(pattern(40, 30), 'png'));
      await dialog.getByLabel(/^Picture/).setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer });
      await dialog.getByRole('button', { name: 'Read it' }).click();
      await dialog.getByText('Picture: seen').waitFor();
      await dialog.getByRole('img', { name: 'The picture as it was read' }).waitFor();
      expect(await dialog.locator('mark').allInnerTexts()).toEqual(['Ana Lima', 'Lisbon']);
      await dialog.getByText('place of residence').waitFor();
    });
    expect((await scene.api.query('{ stats { posts } }')).data.stats.posts).toBe(before);
  });
}
