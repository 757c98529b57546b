import { computed, effect, signal } from '@preact/signals';
import { readPath } from '../data/find.ts';
import type { Entity, Link } from '../data/rows.ts';
import { attempt } from './notice.ts';
import { brought, model, view } from './page.ts';

/** A way between two entities, as far as it is known. */
export type Way =
  | { readonly kind: 'none' }
  | { readonly kind: 'loading' }
  | { readonly kind: 'no way' }
  | { readonly kind: 'way'; readonly entities: readonly Entity[]; readonly links: readonly Link[] };

/** The path between the two entities that were chosen. */
export const way = signal<Way>({ kind: 'none' });

/** Ids of what is on the path; empty while there is none. */
export const pathItems = computed<ReadonlySet<string>>(() => {
  const { value } = way;
  if (value.kind !== 'way') return new Set();
  return new Set([...value.entities.map(({ id }) => id), ...value.links.map(({ fact }) => fact.id)]);
});

/** Ids of its links. */
export const pathLinks = computed<readonly string[]>(() => {
  const { value } = way;
  return value.kind === 'way' ? value.links.map(({ fact }) => fact.id) : [];
});

/** Under this key the links of the path are remembered as brought in. */
export const PATH = 'path';

/** Asks for a path when two entities are chosen, and brings its links in. */
export function keepPath(): void {
  let reading = new AbortController();
  let asked = '';
  const read = async (from: string, to: string, minConfidence: number) => {
    const { signal } = reading;
    way.value = { kind: 'loading' };
    const path = await readPath(from, to, minConfidence, signal);
    if (signal.aborted) return;
    if (!path) {
      way.value = { kind: 'no way' };
      return;
    }
    const fresh = path.links.map(({ fact }) => fact.id).filter((id) => !model.facts.has(id));
    brought.set(PATH, fresh);
    model.apply({ put: path.links });
    // The model takes what it is told for news of its own; these came for the path alone.
    brought.set(PATH, fresh);
    way.value = { kind: 'way', ...path };
  };
  effect(() => {
    const { path, minConfidence } = view.value;
    const [from, to] = path;
    const wanted = `${from} ${to} ${minConfidence}`;
    if (wanted === asked) return;
    asked = wanted;
    reading.abort();
    reading = new AbortController();
    const old = brought.get(PATH);
    brought.delete(PATH);
    if (old) model.apply({ drop: old });
    way.value = { kind: 'none' };
    if (from !== undefined && to !== undefined) attempt('Finding a path', () => read(from, to, minConfidence));
  });
}
