import type { StageLook } from './look.ts';

/** What looks different from before. */
export type LookDifference = 'all' | { readonly nodes: readonly string[]; readonly edges: readonly string[] };

/** Nodes and edges that look different: with the stream that is a few of very many. */
export function differenceOf(before: StageLook, after: StageLook): LookDifference {
  const { palette, selected, chosen, pinned, path, words } = before;
  if (palette !== after.palette || selected !== after.selected || path !== after.path || words !== after.words)
    return 'all';
  const nodes = new Set([...either(before.entities, after.entities), ...otherCounts(before.hiddenOf, after.hiddenOf)]);
  if (chosen !== after.chosen) {
    // From some number on they are ringed no more.
    for (const id of [...chosen, ...after.chosen]) nodes.add(id);
  }
  if (pinned !== after.pinned) for (const id of either(new Set(pinned), new Set(after.pinned))) nodes.add(id);
  return { nodes: [...nodes], edges: either(before.facts, after.facts) };
}

/** What is in one of two sets only. */
function either(one: ReadonlySet<string>, other: ReadonlySet<string>): string[] {
  if (one === other) return [];
  const found: string[] = [];
  for (const id of one) if (!other.has(id)) found.push(id);
  for (const id of other) if (!one.has(id)) found.push(id);
  return found;
}

function otherCounts(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): string[] {
  if (one === other) return [];
  const found: string[] = [];
  for (const [id, n] of one) if (other.get(id) !== n) found.push(id);
  for (const id of other.keys()) if (!one.has(id)) found.push(id);
  return found;
}
