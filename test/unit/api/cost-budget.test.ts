import { expect, test } from 'vitest';
import { CostBudget } from '../../../src/api/cost-budget.ts';

test('a budget is used up, and fills up evenly to what it was', () => {
  let nowMs = 0;
  const budget = new CostBudget(600, () => nowMs);
  expect(budget.take('a', 500)).toEqual({ isEnough: true, remaining: 100, waitSeconds: 0 });
  expect(budget.take('a', 200)).toEqual({ isEnough: false, remaining: 100, waitSeconds: 10 });
  expect(budget.take('b', 600)).toEqual({ isEnough: true, remaining: 0, waitSeconds: 0 });
  nowMs = 10_000;
  expect(budget.take('a', 200)).toEqual({ isEnough: true, remaining: 0, waitSeconds: 0 });
  nowMs = 3_600_000;
  expect(budget.take('a', 0).remaining).toBe(600);
  expect(budget.take('a', 601)).toEqual({ isEnough: false, remaining: 600, waitSeconds: 1 });
});

test('a clock that goes back takes nothing', () => {
  let nowMs = 10_000;
  const budget = new CostBudget(100, () => nowMs);
  budget.take('a', 50);
  nowMs = 0;
  expect(budget.take('a', 10).remaining).toBe(40);
});

test('callers without end cost no memory, and those who ask now are remembered', () => {
  const budget = new CostBudget(100, () => 0);
  for (let i = 0; i < 20_000; i++) budget.take(`${i}`, 100);
  expect(budget.take('19999', 1).isEnough).toBe(false);
  expect(budget.take('0', 1).isEnough).toBe(true);
});
