import { signal } from '@preact/signals';
import type { Stage } from '../graph/stage.ts';

/** The drawing, while there is one. */
export const stage = signal<Stage | undefined>(undefined);
