import { afterAll, beforeAll, describe } from 'vitest';
import { requireBrowser } from '../helpers/browser.ts';
import { alertCases } from './page/alerts.ts';
import { chooseCases } from './page/choose.ts';
import { decideCases } from './page/decide.ts';
import { findCases } from './page/find.ts';
import { liveCases } from './page/live.ts';
import { safeCases } from './page/safe.ts';
import { Scene } from './page/scene.ts';
import { servedCases } from './page/served.ts';

const path = requireBrowser();
const scene = new Scene();

beforeAll(async () => {
  if (path !== undefined) await scene.open(path);
});

afterAll(() => scene[Symbol.asyncDispose]());

// In this order: the cases share a graph that grows.
describe.skipIf(path === undefined)('the page', () => {
  servedCases(scene);
  liveCases(scene);
  findCases(scene);
  chooseCases(scene);
  decideCases(scene);
  alertCases(scene);
  safeCases(scene);
});
