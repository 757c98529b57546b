import { computed } from '@preact/signals';
import type { Entity } from '../data/rows.ts';
import { changeView, current, toggleIn, view } from './page.ts';

/** Most entities chosen at once: an address has to hold them. */
const MAX_CHOSEN = 100;

/** The entities that something is to be done with together. */
export const chosen = computed<readonly Entity[]>(() => {
  const { model } = current.value;
  return view.value.chosen.flatMap((id) => model.entities.get(id) ?? []);
});

/** Chooses an entity, or takes it out again. */
export function toggleChosen(id: string): void {
  if (view.value.chosen.length < MAX_CHOSEN || view.value.chosen.includes(id)) toggleIn('chosen', id);
}

/** Chooses more entities. */
export function chooseMore(ids: readonly string[]): void {
  changeView({ chosen: [...new Set([...view.value.chosen, ...ids])].slice(0, MAX_CHOSEN) });
}

/** What can be done with all that are chosen; each is one change, which undo takes back. */
export const withChosen = {
  hide: () => {
    const { hidden, chosen } = view.value;
    changeView({ hidden: [...new Set([...hidden, ...chosen])], chosen: [], selected: '' });
  },
  pin: () => {
    const { pinned, chosen } = view.value;
    changeView({ pinned: [...new Set([...pinned, ...chosen])] });
  },
  expand: () => {
    const { expanded, chosen } = view.value;
    changeView({ expanded: [...new Set([...expanded, ...chosen])] });
  },
  /** The way between the two. */
  connect: () => changeView({ path: view.value.chosen.slice(0, 2) }),
  forget: () => changeView({ chosen: [] }),
};
