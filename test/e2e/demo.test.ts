import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { RunningCli, runCli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/folder.ts';

interface Answer {
  readonly data: {
    readonly entities: { readonly totalCount: number };
    readonly facts: {
      readonly edges: readonly { readonly node: { readonly evidence: { readonly edges: readonly Evidence[] } } }[];
    };
  };
}

interface Evidence {
  readonly node: {
    readonly head: { readonly text: string; readonly start: number; readonly end: number };
    readonly post: {
      readonly text: string;
      readonly createdAt: string;
      readonly pictures: readonly { readonly thumbnailUrl: string | null }[];
    };
  };
}

const QUERY = `{
  entities(first: 100) { totalCount }
  facts(first: 20) { edges { node { evidence(first: 5) { edges { node { head { text start end } post { text createdAt pictures { thumbnailUrl } } } } } } } }
}`;

test('the demo fills a graph whose facts lead to their evidence, stays up, and leaves nothing behind', async () => {
  const folder = await temporaryFolder();
  await using demo = new RunningCli(['demo', '--fast', '--no-open', '--port', '0'], { env: { TMPDIR: folder } });
  const url = (await demo.waitFor(/http:\/\/\S+\/graphql/))[0];
  await demo.waitFor(/stays up/);
  const answer = async () => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: QUERY }),
    });
    return ((await response.json()) as Answer).data;
  };
  const { entities, facts } = await answer();
  expect(entities.totalCount).toBeGreaterThan(20);
  expect(facts.edges.length).toBeGreaterThan(5);
  for (const { node: evidence } of facts.edges.flatMap((fact) => fact.node.evidence.edges)) {
    expect(evidence.post.text.slice(evidence.head.start, evidence.head.end)).toBe(evidence.head.text);
    expect(Date.now() - Date.parse(evidence.post.createdAt)).toBeLessThan(600_000);
  }
  const pictures = facts.edges.flatMap((fact) => fact.node.evidence.edges.flatMap((one) => one.node.post.pictures));
  const address = pictures.find(({ thumbnailUrl }) => thumbnailUrl !== null)?.thumbnailUrl ?? '';
  expect((await fetch(new URL(address, url))).headers.get('content-type')).toBe('image/webp');
  expect(await demo.end('SIGTERM')).toBe(0);
  expect(await readdir(folder)).toEqual([]);
  expect(existsSync(folder)).toBe(true);
});

test('an interrupt ends it with 130; wrong options with 2', async () => {
  await using demo = new RunningCli(['demo', '--no-open', '--port', '0']);
  await demo.waitFor(/posts, \d+ entities, \d+ relations/);
  expect(await demo.end('SIGINT')).toBe(130);
  expect((await runCli(['demo', '--port', 'many'])).code).toBe(2);
});
