import type { BookRefusal } from '../../../alerts/rule-book.ts';
import type { Refusal } from '../../../domain/submission.ts';
import type { ApiContext } from '../../context.ts';
import { freshLoaders } from '../../loaders.ts';

/** What a mutation answers beside its result. */
export interface Payload {
  readonly userErrors: readonly Refusal[];
}

/** The answer of a mutation that changed nothing, and why. */
export function failed(field: string | null, code: string, message: string): Payload {
  return { userErrors: [{ field, code, message }] };
}

/** The answer of a mutation of alert rules that changed nothing; the field is a path from the top of the input. */
export function refused({ problems }: BookRefusal): Payload {
  const userErrors = problems.map(({ path, message, code }) => {
    return { field: path.length === 0 ? null : path.join('.'), message, code };
  });
  return { userErrors };
}

/** Lets what the answer reads show the new state, also where the request changed something before. */
export function forget(context: ApiContext): void {
  context.loaders = freshLoaders(context);
}
