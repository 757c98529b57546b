import { expect, test } from 'vitest';
import { runCli } from '../helpers/cli.ts';

test('config prints what is in effect and no secret', async () => {
  const env = {
    NEO4J_PASSWORD: 'hush-1',
    KAFKA_SASL_PASSWORD: 'hush-2',
    GRAPH_URL: 'neo4j://neo4j:hush-3@127.0.0.1:7687',
  };
  const text = await runCli(['config'], { env });
  const json = await runCli(['config', '--json'], { env });
  expect([text.code, json.code]).toEqual([0, 0]);
  expect(text.stdout + json.stdout).not.toContain('hush');
  expect(text.stdout).toMatch(/^GRAPH_URL=neo4j:\/\/\*+@127\.0\.0\.1:7687$/m);
  expect(JSON.parse(json.stdout)).toMatchObject({ PORT: 4000, NEO4J_PASSWORD: '********' });
});
