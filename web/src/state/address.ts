import { MAX_LIMIT, PLAIN_VIEW, type View, WINDOWS, type Window } from './view.ts';

const LISTS = {
  no: 'offTypes',
  norel: 'offRelations',
  sel: 'chosen',
  pin: 'pinned',
  hide: 'hidden',
  open: 'expanded',
  path: 'path',
} as const;

/** Longest list an address may bring. */
const MAX_LIST = 100;

/** The part of the address after `#` that stands for a view. */
export function hashOf(view: View): string {
  const parts = new URLSearchParams();
  for (const [key, field] of Object.entries(LISTS)) for (const value of view[field]) parts.append(key, value);
  if (view.minConfidence > 0) parts.set('conf', String(view.minConfidence));
  if (view.minSources > 1) parts.set('sources', String(view.minSources));
  if (view.window !== '') parts.set('time', view.window);
  if (view.selected !== '') parts.set('at', view.selected);
  if (view.shape !== 'graph') parts.set('as', view.shape);
  if (view.limit !== PLAIN_VIEW.limit) parts.set('n', String(view.limit));
  return parts.toString();
}

/** The view an address stands for. What makes no sense is left as it is in a plain view. */
export function viewOf(hash: string): View {
  const parts = new URLSearchParams(hash.replace(/^#/, ''));
  const list = (key: string) => [...new Set(parts.getAll(key))].slice(0, MAX_LIST);
  const time = parts.get('time') ?? '';
  return {
    offTypes: list('no'),
    offRelations: list('norel'),
    chosen: list('sel'),
    pinned: list('pin'),
    hidden: list('hide'),
    expanded: list('open'),
    path: parts.getAll('path').slice(0, 2),
    minConfidence: within(parts.get('conf'), 0, 1, 0),
    minSources: Math.round(within(parts.get('sources'), 1, 1000, 1)),
    window: Object.hasOwn(WINDOWS, time) ? (time as Window) : '',
    selected: parts.get('at') ?? '',
    shape: parts.get('as') === 'table' ? 'table' : 'graph',
    limit: Math.round(within(parts.get('n'), 10, MAX_LIMIT, PLAIN_VIEW.limit)),
  };
}

function within(text: string | null, least: number, most: number, otherwise: number): number {
  const value = Number(text ?? Number.NaN);
  return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : otherwise;
}
