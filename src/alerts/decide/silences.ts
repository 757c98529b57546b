import type { Silence } from '../../graph/alert-rules.ts';
import type { AlertSubject } from '../../graph/alert-store.ts';

/** The silence that keeps a subject from being told at a time: of several the one that ends last; undefined where none does. */
export function silenceOf(
  silences: readonly Silence[],
  rule: string,
  subject: AlertSubject,
  atMs: number,
): Silence | undefined {
  const ids = 'factId' in subject ? [subject.headId, subject.tailId] : [subject.entityId, subject.otherId];
  const holds = (one: Silence) =>
    (one.rule === null || one.rule === rule) &&
    one.startsMs <= atMs &&
    atMs < one.endsMs &&
    (one.entityIds.length === 0 || one.entityIds.some((id) => ids.includes(id)));
  return silences.filter(holds).sort((a, b) => b.endsMs - a.endsMs || (a.id < b.id ? -1 : 1))[0];
}
