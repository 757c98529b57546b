import {
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  getOperationAST,
  OperationTypeNode,
} from 'graphql';
import { type Plugin, Repeater } from 'graphql-yoga';
import type { Scope } from '../../access/caller.ts';
import type { ApiContext } from '../context.ts';
import type { Admission, Gate } from '../gate.ts';

/** Longest time a stream goes on without news after its token was revoked or has expired, milliseconds. */
const RECHECK_MS = 1000;

/**
 * Runs an operation for those who may: `read` for queries and subscriptions, `write` for mutations. A subscription whose
 * token ends meanwhile ends with the error UNAUTHENTICATED, before the next event at the latest.
 */
export function useScopes(gate: Gate): Plugin<ApiContext> {
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const error = refusalOf(args, gate);
      if (error) setResultAndStopExecution({ errors: [error] });
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const error = refusalOf(args, gate);
      if (error) return setResultAndStopExecution({ errors: [error] });
      const { admission } = args.contextValue;
      return {
        onSubscribeResult({ result, setResult }) {
          if (admission && Symbol.asyncIterator in result) setResult(whileItHolds(result, admission, gate));
        },
      };
    },
  };
}

function refusalOf({ document, operationName, contextValue }: ExecutionArgs, gate: Gate): GraphQLError | undefined {
  const operation = getOperationAST(document, operationName)?.operation;
  const scope: Scope = operation === OperationTypeNode.MUTATION ? 'write' : 'read';
  return gate.refuse((contextValue as ApiContext).admission, scope);
}

/** The results of a stream until its token ends. */
function whileItHolds(
  source: AsyncIterableIterator<ExecutionResult>,
  admission: Admission,
  gate: Gate,
): AsyncIterableIterator<ExecutionResult> {
  return new Repeater<ExecutionResult>(async (push, stop) => {
    let ended = false;
    // Closing the source lets a `next` that waits for news return; a race would hold every result until the stream ends.
    const leave = () => void source.return?.();
    const recheck = async () => {
      if (ended || (await holds(admission))) return;
      ended = true;
      leave();
    };
    const check = setInterval(() => void recheck(), RECHECK_MS);
    void stop.then(leave);
    try {
      for (;;) {
        const next = await source.next();
        if (next.done && !ended) return;
        ended ||= !(await holds(admission));
        await push(ended ? { errors: [gate.ended(admission)] } : next.value);
        if (ended) return;
      }
    } finally {
      clearInterval(check);
      stop();
    }
  });
}

/** A store that cannot be read right now lets nobody go on, as it lets nobody in. */
function holds(admission: Admission): Promise<boolean> {
  return admission.stillHolds().catch(() => false);
}
