import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FactTally, type Support } from '../../../src/graph/resolve/confidence.ts';
import {
  comesFirst,
  HotParts,
  type Part,
  type PartRequest,
  StoredParts,
} from '../../../src/graph/resolve/hot-parts.ts';
import { HotTally, partsOf } from '../../../src/graph/resolve/hot-tally.ts';

const post = fc.constantFrom('0', '1', '2', '3', '4', '5', '6', '7');
const support: fc.Arbitrary<Support> = fc.record({
  postId: post,
  authorId: fc.constantFrom('a', 'b', 'c'),
  sourceKey: fc.oneof(
    fc.constantFrom('text:x', 'text:y'),
    post.map((id) => `post:${id}`),
  ),
  eventMs: fc.nat(3),
  p: fc.constantFrom(0, 0.3, 0.6, 1),
});
const change = fc.oneof({ weight: 2, arbitrary: support }, { weight: 1, arbitrary: post });
const history = fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 });

/** A store of parts that answers requests and nothing else. */
class Store {
  parts: readonly Part[];
  weight: number;
  requests = 0;

  /** With the times, which are those of the rows. */
  get all(): readonly Part[] {
    const rows = this.parts.filter((part) => part.level === 'row');
    return [...this.parts, ...rows.map((row): Part => ({ ...row, level: 'time', bucket: '', value: row.eventMs }))];
  }

  constructor(rows: readonly Support[]) {
    ({ parts: this.parts, weight: this.weight } = partsOf(rows));
  }

  answer(request: PartRequest, stored: StoredParts): void {
    this.requests++;
    if ('id' in request) {
      stored.addPart(
        request,
        this.all.find((part) => part.level === request.level && part.id === request.id),
      );
      return;
    }
    const bucket = this.all.filter((part) => part.level === request.level && part.bucket === request.bucket);
    const first = bucket.toSorted((a, b) => (comesFirst(a, b) ? -1 : 1)).slice(0, request.limit);
    const largest = bucket.toSorted((a, b) => b.value - a.value).slice(0, request.limit);
    stored.addTop(request, { first, largest });
  }

  /** Applies changes of one transaction; gives the numbers after each. */
  apply(changes: readonly (Support | string)[], counts: ReturnType<FactTally['numbers']>) {
    const { evidenceCount = 0, sourceCount = 0, authorCount = 0 } = counts ?? {};
    const stored = new StoredParts('fact', this.weight);
    for (let round = 0; ; round++) {
      expect(round).toBeLessThan(40);
      const parts = new HotParts(stored);
      const tally = new HotTally(parts, { evidenceCount, sourceCount, authorCount, weight: this.weight });
      const numbers = changes.map((one) => {
        if (typeof one === 'string') tally.delete(one);
        else tally.set(one);
        return tally.numbers();
      });
      if (parts.missing.length === 0) {
        const { put, gone } = parts.changes;
        const touched = new Set([...put, ...gone].map(({ level, id }) => `${level} ${id}`));
        this.parts = [...this.parts.filter(({ level, id }) => !touched.has(`${level} ${id}`)), ...put];
        this.weight = tally.weight;
        return numbers;
      }
      for (const request of parts.missing) this.answer(request, stored);
    }
  }
}

test('a hot fact has the numbers of all its evidence after every step, and the parts of it', () => {
  fc.assert(
    fc.property(fc.uniqueArray(support, { selector: (row) => row.postId }), history, (rows, transactions) => {
      const store = new Store(rows);
      const all = new Map(rows.map((row) => [row.postId, row]));
      let before = new FactTally(rows).numbers();
      for (const changes of transactions) {
        const numbers = store.apply(changes, before);
        changes.forEach((one, step) => {
          if (typeof one === 'string') all.delete(one);
          else all.set(one.postId, one);
          before = new FactTally([...all.values()]).numbers();
          expect(numbers[step]).toEqual(before);
        });
        expect(told(store.parts)).toEqual(told(partsOf([...all.values()]).parts));
        expect(store.weight).toBe(partsOf([...all.values()]).weight);
      }
    }),
    { numRuns: 3000, seed: 11 },
  );
});

/** Parts in one order; what a group is called is left out. */
function told(parts: readonly Part[]): readonly string[] {
  const nameless = parts.map((part) => {
    if (part.level === 'key') return { ...part, bucket: '' };
    return part.level === 'group' ? { ...part, id: '' } : part;
  });
  return nameless.map((part) => JSON.stringify(Object.entries(part).sort())).sort();
}

test('one more post reads a few parts, however much evidence there is', () => {
  const row = (number: number): Support => ({
    postId: `${number}`,
    authorId: `${number % 700}`,
    sourceKey: number % 3 === 0 ? `text:${number}` : number % 3 === 1 ? 'text:viral' : 'post:0',
    eventMs: number,
    p: 0.5 + (number % 50) / 100,
  });
  const rows = Array.from({ length: 3000 }, (_, number) => row(number));
  const store = new Store(rows);
  const numbers = store.apply([row(3000), row(3001), row(3002), '7', '8', '9'], new FactTally(rows).numbers());
  expect(numbers.at(-1)?.evidenceCount).toBe(3000);
  expect(store.requests).toBeLessThan(140);
});
