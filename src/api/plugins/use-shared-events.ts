import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  Kind,
  visit,
} from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { ApiContext } from '../context.ts';

/** Time in which an event that was worked out for one subscriber is shown to others, milliseconds: the graph goes on. */
const SHARED_MS = 500;

/** What an event looks like to those who ask the same of it. */
interface Shown {
  readonly atMs: number;
  readonly result: ExecutionResult | Promise<ExecutionResult>;
}

/**
 * Works an event out once for all subscribers that ask the same of it, where a thousand of them would take a thousand
 * times as long. Who subscribed for which events is their own affair: a filter or a cursor makes no other question.
 */
export function useSharedEvents(): Plugin {
  const shown = new WeakMap<object, Map<string, Shown>>();
  const numbers = new WeakMap<DocumentNode, number>();
  let lastNumber = 0;
  const numberOf = (document: DocumentNode) => {
    const known = numbers.get(document) ?? ++lastNumber;
    numbers.set(document, known);
    return known;
  };
  const show = (args: ExecutionArgs, question: string, item: object) => {
    const work = () => execute({ ...args, rootValue: item }) as Shown['result'];
    const { event, gap } = item as { readonly event?: object; readonly gap?: boolean };
    // A heartbeat is a subscriber's own.
    if (!event) return work();
    const key = `${question} ${gap}`;
    const ofEvent = shown.get(event) ?? new Map<string, Shown>();
    shown.set(event, ofEvent);
    const known = ofEvent.get(key);
    if (known && Date.now() - known.atMs < SHARED_MS) return known.result;
    const result = work();
    ofEvent.set(key, { atMs: Date.now(), result });
    return result;
  };
  return {
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn(async (args: ExecutionArgs) => {
        const source = await createSourceEventStream(args);
        if (!isAsyncIterable(source)) return source;
        const { admission } = args.contextValue as ApiContext;
        // Whoever may see less must not be shown what was worked out for others.
        const mayDo = [...(admission?.caller.scopes ?? [])].join();
        const question = `${numberOf(args.document)} ${args.operationName ?? ''} ${mayDo} ${shownVariables(args)}`;
        return mapped(source[Symbol.asyncIterator](), (item) => show(args, question, item as object));
      });
    },
  };
}

/** The variables that what is shown of an event depends on: all but those of the arguments one subscribes with. */
function shownVariables({ document, variableValues }: ExecutionArgs): string {
  const used = new Set<string>();
  let depth = 0;
  visit(document, {
    VariableDefinition: () => false,
    Field: {
      enter: () => void (depth += 1),
      leave: () => void (depth -= 1),
    },
    Argument(_node, _key, _parent, _path, ancestors) {
      const isIn = (kind: Kind) => ancestors.some((ancestor) => 'kind' in ancestor && ancestor.kind === kind);
      const isOfRoot = depth === 1 && !isIn(Kind.FRAGMENT_DEFINITION) && !isIn(Kind.DIRECTIVE);
      return isOfRoot ? false : undefined;
    },
    Variable: ({ name }) => void used.add(name.value),
  });
  const values = Object.entries(variableValues ?? {}).filter(([name]) => used.has(name));
  return JSON.stringify(values.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What a stream gives, one after the other, each as something else. Leaving it leaves the stream at once. */
function mapped(
  source: AsyncIterator<unknown>,
  map: (item: unknown) => Shown['result'],
): AsyncIterableIterator<ExecutionResult> {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const { done, value } = await source.next();
      return done ? { done: true, value: undefined } : { done: false, value: await map(value) };
    },
    async return() {
      await source.return?.();
      return { done: true, value: undefined };
    },
  };
}
