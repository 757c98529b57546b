import { signal } from '@preact/signals';
import { tellError } from '../data/server.ts';

/** What the page has to say once. */
export interface Notice {
  readonly text: string;
  /** Takes back what was done. */
  readonly undo?: () => void;
}

export const notice = signal<Notice | undefined>(undefined);

/** Says something once, with a way to take it back where there is one. */
export function say(text: string, undo?: () => void): void {
  notice.value = undo ? { text, undo } : { text };
}

/** Does what a person asked for, and says so when it fails. */
export function attempt(what: string, work: () => Promise<void>): void {
  work().catch((error: unknown) => say(`${what} failed: ${tellError(error)}`));
}
