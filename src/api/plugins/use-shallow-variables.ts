import type { Plugin } from 'graphql-yoga';
import { refusal } from '../errors.ts';

/** Levels of lists and objects in the value of a variable; the deepest filter has 34. */
const MAX_LEVELS = 50;

/** Refuses variables whose values nest so deep that reading them exhausts the stack. */
export function useShallowVariables(): Plugin {
  return {
    onParams({ params }) {
      if (levelsWithin(params.variables ?? {}, MAX_LEVELS)) return;
      const message = `reading the variables: a value nests deeper than ${MAX_LEVELS} levels.`;
      throw refusal('BAD_REQUEST', message, 400);
    },
  };
}

function levelsWithin(value: object, levels: number): boolean {
  let level: readonly object[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return false;
    level = level.flatMap((one) => Object.values(one).filter((inner) => typeof inner === 'object' && inner !== null));
  }
  return true;
}
