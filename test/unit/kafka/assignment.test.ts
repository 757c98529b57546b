import { describe, expect, it } from 'vitest';
import { Assignment } from '../../../src/consumers/kafka/assignment.ts';

describe('Assignment', () => {
  it('keeps, drops and makes trackers by difference', () => {
    const assignment = new Assignment();
    expect(assignment.assign([0, 1, 2], false)).toEqual({ gained: [0, 1, 2], lost: [], kept: [] });
    const kept = assignment.trackers.get(1);
    expect(assignment.assign([1, 3])).toEqual({ gained: [3], lost: [0, 2], kept: [1] });
    expect(assignment.trackers.get(1)).toBe(kept);
    expect([...assignment.trackers.keys()]).toEqual([1, 3]);
  });

  it('lets no late result of a lost partition move the position of its next assignment', () => {
    const assignment = new Assignment();
    assignment.assign([0], false);
    const old = assignment.trackers.get(0);
    old?.accept(5);
    assignment.assign([]);
    assignment.assign([0]);
    const now = assignment.trackers.get(0);
    expect(now).not.toBe(old);
    now?.accept(5);
    old?.done(5);
    expect(assignment.uncommitted().size).toBe(0);
    now?.done(5);
    expect([...assignment.uncommitted()]).toMatchObject([[0, { offset: 6, metadata: '' }]]);
  });

  it('keeps nothing when the group had taken the member for dead', () => {
    const assignment = new Assignment();
    assignment.assign([0, 1], false);
    const before = assignment.trackers.get(0);
    expect(assignment.assign([0, 1], false)).toEqual({ gained: [0, 1], lost: [0, 1], kept: [] });
    expect(assignment.trackers.get(0)).not.toBe(before);
  });
});
