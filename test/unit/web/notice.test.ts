import { beforeEach, expect, test, vi } from 'vitest';
import { dismiss, notices, say } from '../../../web/src/state/notice.ts';

const texts = () => notices.value.map(({ text }) => text);

beforeEach(() => {
  vi.useFakeTimers();
  notices.value = [];
  return () => void vi.useRealTimers();
});

test('what can be taken back stays in reach, other words make room for the next ones and go in time', () => {
  const undo = () => {};
  say('merged', undo);
  say('connected');
  say('caught up');
  expect(texts()).toEqual(['merged', 'caught up']);
  say('rejected', undo);
  vi.advanceTimersByTime(60_000);
  expect(texts()).toEqual(['merged', 'rejected']);
  for (const text of ['c', 'd', 'e']) say(text, undo);
  expect(texts()).toEqual(['rejected', 'c', 'd', 'e']);
  dismiss(notices.value[1] ?? { text: '' });
  expect(texts()).toEqual(['rejected', 'd', 'e']);
});
