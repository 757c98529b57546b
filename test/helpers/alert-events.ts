import { begunRow } from '../../src/alerts/decide/spike-counter.ts';
import type { EntityEvent, FactEvent } from '../../src/domain/graph.ts';
import type { AlertState } from '../../src/graph/alert-store.ts';

/** What differs from an event about Ada Lind, who joined Harbour Robotics. */
export type EventSketch = Partial<Omit<FactEvent, 'fact'>> & { readonly fact?: Partial<FactEvent['fact']> };

/** An event for tests of rules. */
export function eventOf({ fact, ...sketch }: EventSketch = {}): FactEvent {
  return {
    key: 'evt_1',
    kind: 'fact.created',
    position: 1,
    fact: {
      id: 'fact_1',
      type: '/per/org/member_of',
      headId: 'ent_ada',
      tailId: 'ent_harbour',
      confidence: 0.8,
      maxConfidence: 0.8,
      evidenceCount: 1,
      sourceCount: 1,
      authorCount: 1,
      firstSeenMs: Date.parse('2026-05-15T08:00:00Z'),
      lastSeenMs: Date.parse('2026-05-15T08:00:00Z'),
      createdMs: Date.parse('2026-05-15T08:00:01Z'),
      ...fact,
    },
    headName: 'Ada Lind',
    headType: 'PER',
    tailName: 'Harbour Robotics',
    tailType: 'ORG',
    postId: 'post_1',
    postVersion: '0',
    atMs: Date.parse('2026-05-15T08:00:01Z'),
    ...sketch,
  };
}

/** An event about Ada Lind herself. */
export function entityEventOf(sketch: Partial<EntityEvent> = {}): EntityEvent {
  return {
    key: 'evt_1',
    kind: 'entity.created',
    position: 1,
    entity: { id: 'ent_ada', name: 'Ada Lind', type: 'PER' },
    seenMs: Date.parse('2026-05-15T08:00:00Z'),
    postId: 'post_1',
    postVersion: '0',
    atMs: Date.parse('2026-05-15T08:00:01Z'),
    ...sketch,
  };
}

/** What is stored of a rule about spikes that has counted since a time. */
export function begunState(...[rule, spike, atMs]: Parameters<typeof begunRow>): AlertState {
  const { value, ...row } = begunRow(rule, spike, atMs);
  return { ...row, value: JSON.stringify(value) };
}
