import { computed, signal } from '@preact/signals';
import { paused } from './live.ts';
import { now } from './page.ts';

const still = matchMedia('(prefers-reduced-motion: reduce)');
const isStill = signal(still.matches);
still.addEventListener('change', ({ matches }) => {
  isStill.value = matches;
});

let lastMs = now.peek();

/** The time by which links are old: it stands while the page is paused, and is 0 for who wants nothing to change by itself. */
export const fadeTime = computed(() => {
  if (!paused.value) lastMs = now.value;
  return isStill.value ? 0 : lastMs;
});
