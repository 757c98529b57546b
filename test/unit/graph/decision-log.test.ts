import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Decision, Ruling } from '../../../src/domain/decision.ts';
import { DecisionLog } from '../../../src/graph/plan/decision-log.ts';

const key = fc.constantFrom('a', 'b', 'c', 'd').map((id) => ({ id, type: 'PER', normName: id }));
const ruling: fc.Arbitrary<Ruling> = fc.oneof(
  fc.record({ kind: fc.constant('merge' as const), from: key, into: key }),
  fc.record({ kind: fc.constant('split' as const), entity: key }),
  fc.record({ kind: fc.constant('distinct' as const), a: key, b: key }),
  fc.record({ kind: fc.constant('identify' as const), entity: key, externalId: fc.constantFrom('w:1', 'w:2') }),
  fc.record({ kind: fc.constant('undo' as const), decisionId: fc.nat(8).map(String) }),
);

test('a log that grew by one and one knows what one that was read whole knows', () => {
  fc.assert(
    fc.property(fc.array(ruling, { maxLength: 9 }), (rulings) => {
      const decisions = rulings.map((each, index): Decision => ({ ...each, id: `${index}`, reason: null, atMs: 0 }));
      const grown = new DecisionLog([]);
      for (const decision of decisions) grown.add(decision);
      const whole = new DecisionLog(decisions);
      expect([...grown.now.redirects].sort()).toEqual([...whole.now.redirects].sort());
      for (const { id } of decisions) expect(grown.isInForce(id)).toBe(whole.isInForce(id));
      for (const a of 'abcd') {
        for (const b of 'abcd') expect(grown.findApart(a, b)).toEqual(whole.findApart(b, a));
        for (const id of ['w:1', 'w:2']) expect(grown.isIdentified(a, id)).toBe(whole.isIdentified(a, id));
      }
    }),
    { numRuns: 2000, seed: 7 },
  );
});
