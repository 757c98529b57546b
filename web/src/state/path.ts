import { computed } from '@preact/signals';
import { model, shown, view } from './page.ts';

/** Ids of a shortest path over the links that are shown: entities and facts in turn; undefined when there is none. */
export const path = computed<readonly string[] | undefined>(() => {
  const [from, to] = view.value.path;
  if (from === undefined || to === undefined) return [];
  return shortestPath(from, to);
});

/** The same as a set; empty while there is no path. */
export const pathItems = computed<ReadonlySet<string>>(() => new Set(path.value ?? []));

function shortestPath(from: string, to: string): readonly string[] | undefined {
  const { facts } = shown.value;
  const cameBy = new Map<string, { readonly fact: string; readonly from: string } | undefined>([[from, undefined]]);
  for (const id of cameBy.keys()) {
    if (id === to) return trace(to, cameBy);
    for (const fact of [...model.factsOf(id)].sort()) {
      if (!facts.has(fact)) continue;
      const { headId = '', tailId = '' } = model.facts.get(fact) ?? {};
      const other = headId === id ? tailId : headId;
      if (!cameBy.has(other)) cameBy.set(other, { fact, from: id });
    }
  }
  return undefined;
}

function trace(
  to: string,
  cameBy: ReadonlyMap<string, { readonly fact: string; readonly from: string } | undefined>,
): readonly string[] {
  const items = [to];
  for (let step = cameBy.get(to); step; step = cameBy.get(step.from)) items.unshift(step.from, step.fact);
  return items;
}
