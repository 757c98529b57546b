import { computed, effect, signal } from '@preact/signals';

const KEY = 'grapevine scheme';
const asked = matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = signal(asked.matches);
asked.addEventListener('change', ({ matches }) => {
  systemIsDark.value = matches;
});

/** Colours the person chose; empty leaves it to the system. */
const chosen = signal(localStorage.getItem(KEY) ?? '');

/** True while the page is dark. */
export const isDark = computed(() => (chosen.value === '' ? systemIsDark.value : chosen.value === 'dark'));

effect(() => {
  document.documentElement.dataset['scheme'] = isDark.value ? 'dark' : 'light';
});

/** Changes between light and dark, and remembers it. */
export function switchScheme(): void {
  chosen.value = isDark.value ? 'light' : 'dark';
  localStorage.setItem(KEY, chosen.value);
}
