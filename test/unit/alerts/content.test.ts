import { expect, test } from 'vitest';
import { textOf } from '../../../src/alerts/content.ts';
import { eventOf } from '../../helpers/alert-events.ts';

test('what is retracted is told with the numbers that it had before', () => {
  const gone = { confidence: 0, maxConfidence: 0, evidenceCount: 0, sourceCount: 0, authorCount: 0 };
  const before = { confidence: 0.912, maxConfidence: 0.8, evidenceCount: 4, sourceCount: 3, authorCount: 2 };
  const event = eventOf({ kind: 'fact.retracted', fact: gone, before });
  const alert = { rule: 'r', severity: 'info', type: 'alert.resolved' } as const;
  const template = '{{tail.name}}: {{confidence}} {{evidenceCount}} {{sourceCount}} {{authorCount}}';
  expect(textOf([event], alert, template)).toBe('Resolved: Harbour Robotics: 0.91 4 3 2');
});

test('a fact that stands is told with the numbers that it has', () => {
  const before = { confidence: 0.1, maxConfidence: 0.1, evidenceCount: 1, sourceCount: 1, authorCount: 1 };
  const event = eventOf({ kind: 'fact.strengthened', fact: { sourceCount: 2 }, before });
  const alert = { rule: 'r', severity: 'info', type: 'alert.fired' } as const;
  expect(textOf([event], alert, '{{sourceCount}}')).toBe('2');
});
