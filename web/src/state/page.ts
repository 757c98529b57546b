import { computed, effect, signal } from '@preact/signals';
import type { Link } from '../data/rows.ts';
import { hashOf, viewOf } from './address.ts';
import { GraphModel } from './graph-model.ts';
import { isEntityWanted, isFactWanted, PLAIN_VIEW, type View } from './view.ts';

/** The part of the graph that is on the page. */
export const model = new GraphModel();

/** The same for those who want to be told of its changes: another object after each. */
export const current = signal({ model });
model.listen(() => {
  current.value = { model };
});

/** Facts that came with what a person expanded or looks at: with it they go. By the id of that. */
export const brought = new Map<string, readonly string[]>();

/** What the person made of it. */
export const view = signal<View>(PLAIN_VIEW);

/** Views before this one, newest last. */
const past = signal<readonly View[]>([]);

/** True while there is something to take back. */
export const canUndo = computed(() => past.value.length > 0);

const MAX_PAST = 50;

/** What is looked at is not a change somebody would take back. */
const LOOKING: ReadonlySet<keyof View> = new Set(['selected', 'chosen', 'shape']);

/** Changes the view; undo takes it back. */
export function changeView(change: Partial<View>): void {
  const keys = Object.keys(change) as (keyof View)[];
  if (keys.some((key) => !LOOKING.has(key))) past.value = [...past.value, view.value].slice(-MAX_PAST);
  view.value = { ...view.value, ...change };
}

/** Takes the last change back; what is looked at stays. */
export function undo(): void {
  const last = past.value.at(-1);
  if (!last) return;
  past.value = past.value.slice(0, -1);
  const { selected, chosen, shape } = view.value;
  view.value = { ...last, selected, chosen, shape };
}

/** Adds or removes a value in a list of the view. */
export function toggleIn(
  field: 'offTypes' | 'offRelations' | 'chosen' | 'pinned' | 'hidden' | 'expanded',
  value: string,
): void {
  const list = view.value[field];
  changeView({ [field]: list.includes(value) ? list.filter((one) => one !== value) : [...list, value] });
}

/** The time by which ages are told and a time window is cut; it moves on once a while, not with every look. */
export const now = signal(Date.now());

/** Facts that the filters let through, and the entities they leave on the page. */
export const shown = computed<{ readonly facts: ReadonlySet<string>; readonly entities: ReadonlySet<string> }>(() => {
  const { value } = view;
  const { model } = current.value;
  const wanted = new Set<string>();
  for (const entity of model.entities.values()) if (isEntityWanted(value, entity)) wanted.add(entity.id);
  const facts = new Set<string>();
  const entities = new Set<string>();
  for (const fact of model.facts.values()) {
    if (!isFactWanted(value, fact, now.value) || !wanted.has(fact.headId) || !wanted.has(fact.tailId)) continue;
    facts.add(fact.id);
    entities.add(fact.headId);
    entities.add(fact.tailId);
  }
  for (const id of [...value.pinned, value.selected]) if (wanted.has(id)) entities.add(id);
  return { facts, entities };
});

/** The facts that are shown, newest first. */
export const rows = computed<readonly Link[]>(() => {
  const all: Link[] = [];
  for (const id of shown.value.facts) {
    const fact = model.facts.get(id);
    const head = fact && model.entities.get(fact.headId);
    const tail = fact && model.entities.get(fact.tailId);
    if (fact && head && tail) all.push({ fact, head, tail });
  }
  return all.sort((a, b) => b.fact.lastSeenMs - a.fact.lastSeenMs || (a.fact.id < b.fact.id ? -1 : 1));
});

/** Reads the view from the address and writes it back as it changes. */
export function keepAddress(): void {
  view.value = viewOf(location.hash);
  effect(() => {
    const hash = hashOf(view.value);
    if (hash !== location.hash.replace(/^#/, ''))
      history.replaceState(null, '', hash === '' ? location.pathname : `#${hash}`);
  });
  addEventListener('hashchange', () => {
    view.value = viewOf(location.hash);
  });
}
