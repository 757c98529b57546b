import { type ExecutionArgs, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { GrapevineError } from '../../errors.ts';
import { costOf } from '../cost.ts';
import { refusal } from '../errors.ts';

/** Objects an answer may hold. */
const MAX_COST = 25_000;

/** Refuses operations whose answer can hold too many objects, before anything is read. */
export function useCostLimit(): Plugin {
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const error = refusalOf(args);
      if (error) setResultAndStopExecution({ errors: [error] });
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const error = refusalOf(args);
      if (error) setResultAndStopExecution({ errors: [error] });
    },
  };
}

function refusalOf(args: ExecutionArgs): GraphQLError | undefined {
  try {
    const { schema, document, operationName } = args;
    const cost = costOf({ schema, document, operationName, variables: args.variableValues });
    if (cost <= MAX_COST) return undefined;
    const message = `answering the query: it can return ${cost} objects, more than ${MAX_COST}; ask for shorter pages.`;
    return refusal('BAD_REQUEST', message, 400);
  } catch (error) {
    if (error instanceof GrapevineError) return refusal(error.code, error.message, 400);
    if (error instanceof GraphQLError) return refusal('BAD_REQUEST', error.message, 400);
    throw error;
  }
}
