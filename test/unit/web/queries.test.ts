import { readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import * as alerts from '../../../web/src/data/alerts.ts';
import * as decide from '../../../web/src/data/decide.ts';
import * as details from '../../../web/src/data/details.ts';
import * as find from '../../../web/src/data/find.ts';
import * as graph from '../../../web/src/data/graph.ts';
import * as preview from '../../../web/src/data/preview.ts';

const schema = buildSchema(readFileSync(new URL('../../../src/api/schema.graphql', import.meta.url), 'utf8'));
const { signal } = new AbortController();
const ears = { onConnect: () => {}, onReconnect: () => {} };

/** Everything that the page asks for, by the function that asks. */
const ASKERS: Readonly<Record<string, readonly unknown[]>> = {
  createRule: [{}],
  deleteRule: ['rule'],
  enableChannel: ['ops'],
  endSilence: ['sil'],
  followAlerts: ['cursor', signal],
  followFacts: ['cursor', signal, ears],
  keepApart: ['a', 'b'],
  mergeEntities: ['a', 'b'],
  previewPost: ['text', undefined],
  readActivity: ['a', '2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z', signal],
  readAlertSettings: [],
  readAlerts: [signal],
  readEntity: ['a', signal],
  readFact: ['f', signal],
  readLinkCounts: [['a']],
  readNewestLinks: [signal],
  readNewestPosts: [20],
  readOverview: [],
  readPath: ['a', 'b', 0.5, signal],
  readStats: [],
  readTrending: ['1h'],
  rejectFact: ['f', 'why'],
  searchEntities: ['ada', signal],
  silence: [{}],
  tryRule: [{}, signal],
  undoDecision: ['dec'],
};

let asked: string[] = [];

beforeAll(() => {
  vi.stubGlobal('location', { origin: 'http://page.test' });
  vi.stubGlobal('sessionStorage', { getItem: () => null });
  vi.stubGlobal('fetch', async (_: string, { body }: { body: string }) => {
    asked.push((JSON.parse(body) as { query: string }).query);
    return new Response('{"data":null,"errors":[{"message":"asked"}]}', { status: 400 });
  });
});
afterAll(() => void vi.unstubAllGlobals());

test('what the page asks for is what the schema has', async () => {
  const modules = { ...alerts, ...decide, ...preview, ...details, ...find, ...graph };
  const functions = Object.entries(modules).filter(([, one]) => typeof one === 'function');
  expect(functions.map(([name]) => name).toSorted()).toEqual(Object.keys(ASKERS).toSorted());
  for (const [name, ask] of functions) {
    asked = [];
    const answer = (ask as (...args: readonly unknown[]) => unknown)(...(ASKERS[name] ?? []));
    const isStream = typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;
    await (isStream ? (answer as AsyncGenerator).next() : (answer as Promise<unknown>)).catch(() => {});
    expect(asked, name).toHaveLength(1);
    for (const query of asked) expect(validate(schema, parse(query)), `${name}: ${query}`).toEqual([]);
  }
});
