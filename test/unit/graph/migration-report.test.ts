import { expect, test } from 'vitest';
import { refuseNewer, refuseOlder } from '../../../src/graph/migration-report.ts';

const place = 'news.db';

test('a graph of this very schema is refused by neither', () => {
  refuseNewer({ found: 2, known: 2, place });
  refuseOlder({ found: 2, known: 2, place });
});

test('what is refused is told with the place, both versions and what to do', () => {
  expect(() => refuseNewer({ found: 3, known: 2, place })).toThrow(
    'opening the graph at news.db: it has schema 3, this Grapevine knows 2; use the newer Grapevine',
  );
  expect(() => refuseOlder({ found: 1, known: 2, place })).toThrow(
    'opening the graph at news.db: it has schema 1, this Grapevine needs 2; stop what uses it, back it up and run `grapevine graph migrate`',
  );
});
