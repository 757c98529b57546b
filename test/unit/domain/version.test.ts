import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions } from '../../../src/domain/version.ts';

test('compares like integers of any length', () => {
  const version = fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.integer({ min: 0, max: 3 }));
  fc.assert(
    fc.property(version, version, ([a, zerosA], [b, zerosB]) => {
      const order = compareVersions('0'.repeat(zerosA) + a, '0'.repeat(zerosB) + b);
      expect(Math.sign(order)).toBe(a < b ? -1 : a > b ? 1 : 0);
    }),
  );
});
