import { type ExecutionArgs, GraphQLError } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { GrapevineError } from '../../errors.ts';
import type { Events } from '../../telemetry/events.ts';
import type { ApiContext } from '../context.ts';
import { costOf } from '../cost.ts';
import type { CostBudget } from '../cost-budget.ts';
import { refusal } from '../errors.ts';

/** Objects an answer may hold. */
const MAX_COST = 25_000;

/** What a request costs its caller, as its answer says it. */
interface Bill {
  readonly cost: number;
  readonly limit: number;
  readonly remaining: number;
}

/**
 * Refuses operations whose answer can hold too many objects, or more than is left of the caller's budget, before anything is
 * read. With a budget the answer says what it cost and what is left; a subscription is charged when it begins.
 */
export function useCostLimit(budget: CostBudget | undefined, events: Events): Plugin<ApiContext> {
  const judge = (args: ExecutionArgs) => {
    const cost = costWithin(args);
    return cost instanceof GraphQLError || !budget ? cost : charge(args, Math.max(1, cost), budget, events);
  };
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const found = judge(args);
      if (found instanceof GraphQLError) return setResultAndStopExecution({ errors: [found] });
      if (typeof found === 'number') return;
      return {
        onExecuteDone({ result, setResult }) {
          if (!isAsyncIterable(result)) setResult({ ...result, extensions: { ...result.extensions, budget: found } });
        },
      };
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const found = judge(args);
      if (found instanceof GraphQLError) setResultAndStopExecution({ errors: [found] });
    },
  };
}

function charge(args: ExecutionArgs, cost: number, budget: CostBudget, events: Events): Bill | GraphQLError {
  const { perMinute } = budget;
  const { admission } = args.contextValue as ApiContext;
  // Without admission nothing is run: see `useScopes`.
  const caller = admission?.caller.id ?? '';
  const { isEnough, remaining, waitSeconds } = budget.take(caller, cost);
  if (isEnough) return { cost, limit: perMinute, remaining };
  events.requestRefused({ reason: 'budget', caller });
  const hint = cost > perMinute ? 'ask for shorter pages' : `try again in ${waitSeconds} s, or ask for shorter pages`;
  const problem = `it can return ${cost} objects, and ${remaining} of the ${perMinute} a minute are left`;
  return refusal('RATE_LIMITED', `answering the query: ${problem}; ${hint}.`, 429, { 'retry-after': `${waitSeconds}` });
}

function costWithin(args: ExecutionArgs): number | GraphQLError {
  try {
    const { schema, document, operationName } = args;
    const cost = costOf({ schema, document, operationName, variables: args.variableValues });
    if (cost <= MAX_COST) return cost;
    const message = `answering the query: it can return ${cost} objects, more than ${MAX_COST}; ask for shorter pages.`;
    return refusal('BAD_REQUEST', message, 400);
  } catch (error) {
    if (error instanceof GrapevineError) return refusal(error.code, error.message, 400);
    if (error instanceof GraphQLError) return refusal('BAD_REQUEST', error.message, 400);
    throw error;
  }
}
