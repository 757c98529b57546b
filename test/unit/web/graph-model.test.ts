import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Link } from '../../../web/src/data/rows.ts';
import { csvOf, gexfOf, jsonOf } from '../../../web/src/state/export.ts';
import { GraphModel } from '../../../web/src/state/graph-model.ts';

function link(head: string, tail: string, id = `${head}-${tail}`): Link {
  const counts = { confidence: 0.5, maxConfidence: 0.5, evidenceCount: 1, sourceCount: 1, authorCount: 1 };
  return {
    fact: { id, type: '/t', headId: head, tailId: tail, ...counts, firstSeenMs: 0, lastSeenMs: 0 },
    head: { id: head, name: head, type: 'PER' },
    tail: { id: tail, name: tail, type: 'ORG' },
  };
}

test('an entity is on the page as long as a link of it is', () => {
  const steps = fc.array(
    fc.record({ head: fc.integer({ max: 5, min: 0 }), tail: fc.integer({ max: 5, min: 0 }), drop: fc.boolean() }),
  );
  fc.assert(
    fc.property(steps, (steps) => {
      const model = new GraphModel();
      for (const { head, tail, drop } of steps) {
        const one = link(`${head}`, `${tail}`);
        model.apply(drop ? { drop: [one.fact.id] } : { put: [one] });
      }
      const ends = new Set([...model.facts.values()].flatMap(({ headId, tailId }) => [headId, tailId]));
      expect(new Set(model.entities.keys())).toEqual(ends);
      for (const id of ends) {
        const own = [...model.facts.values()].filter(({ headId, tailId }) => headId === id || tailId === id);
        expect(model.factsOf(id)).toEqual(new Set(own.map((fact) => fact.id)));
      }
    }),
  );
});

test('above the limit the oldest links go first, but for those somebody looks at', () => {
  const model = new GraphModel();
  // As they are read: the newest first.
  model.apply({ put: [link('e', 'f'), link('c', 'd'), link('a', 'b')] });
  expect(model.surplus(6, 3, new Set())).toEqual([]);
  expect(model.surplus(4, 9, new Set())).toEqual(['a-b']);
  expect(model.surplus(4, 9, new Set(['b']))).toEqual(['c-d']);
  expect(model.surplus(4, 9, new Set(['a-b']))).toEqual(['c-d']);
  expect(model.surplus(9, 2, new Set())).toEqual(['a-b']);
  expect(model.surplus(9, 1, new Set(['d']))).toEqual(['a-b', 'e-f']);
  model.apply({ put: [link('g', 'h'), link('a', 'b')], isNews: true });
  expect(model.surplus(9, 1, new Set())).toEqual(['c-d', 'e-f', 'g-h']);
});

test('what is exported is text in its place, whatever it holds', () => {
  const evil = { ...link('a', 'b'), head: { id: 'a', name: '=1+1,"<x>\n&\u0000\ud800', type: 'PER' } };
  expect(csvOf([evil]).split('\r\n')[1]).toMatch(/^"'=1\+1,""<x>\n&/);
  expect(JSON.parse(jsonOf([evil])).entities[0].name).toBe(evil.head.name);
  const gexf = gexfOf([evil], () => ({ x: 1, y: 2 }));
  expect(gexf).toContain('label="=1+1,&quot;&lt;x&gt;\n&amp;\ufffd"');
  expect(gexf).toContain('<viz:position x="1" y="2" z="0"/>');
});
