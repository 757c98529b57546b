import { signal } from '@preact/signals';
import { tellError } from '../data/server.ts';

/** What the page has to say once. */
export interface Notice {
  readonly text: string;
  /** Takes back what was done. */
  readonly undo?: () => void;
}

/** What was said and is still to be read, the oldest first. */
export const notices = signal<readonly Notice[]>([]);

/** Of what can be taken back, the newest are kept in reach. */
const MOST = 4;

/** How long something is to be read that cannot be taken back, milliseconds. */
const READ_MS = 30_000;

/**
 * Says something once, with a way to take it back where there is one: that stays until it is dismissed, while other words make
 * room for the next ones.
 */
export function say(text: string, undo?: () => void): void {
  const said: Notice = undo ? { text, undo } : { text };
  const kept = notices.value.filter((one) => one.undo !== undefined).slice(undo ? 1 - MOST : -MOST);
  notices.value = [...kept, said];
  if (!undo) setTimeout(() => dismiss(said), READ_MS);
}

export function dismiss(said: Notice): void {
  notices.value = notices.value.filter((one) => one !== said);
}

/** Does what a person asked for, and says so when it fails. */
export function attempt(what: string, work: () => Promise<void>): void {
  work().catch((error: unknown) => say(`${what} failed: ${tellError(error)}`));
}
