import type { Refusal } from '../../../domain/submission.ts';
import type { ApiContext } from '../../context.ts';
import { createLoaders } from '../../loaders.ts';

/** What a mutation answers beside its result. */
export interface Payload {
  readonly userErrors: readonly Refusal[];
}

/** The answer of a mutation that changed nothing, and why. */
export function failed(field: string | null, code: string, message: string): Payload {
  return { userErrors: [{ field, code, message }] };
}

/** Lets what the answer reads show the new state, also where the request changed something before. */
export function forget(context: ApiContext): void {
  context.loaders = createLoaders(context.reader);
}
