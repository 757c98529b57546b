import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyOrder } from '../../../src/consumers/runtime/key-order.ts';

test('turns of one key come in the order they were taken, however long each takes', async () => {
  const work = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), delay: fc.integer({ min: 0, max: 3 }) }), {
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(work, async (items) => {
      const order = new KeyOrder();
      const seen: Record<string, number[]> = {};
      await Promise.all(
        items.map(async ({ key, delay }, i) => {
          const turn = order.enter(key);
          await sleep(delay);
          await turn.reached;
          (seen[key] ??= []).push(i);
          turn.leave();
        }),
      );
      for (const list of Object.values(seen)) expect(list).toEqual(list.toSorted((a, b) => a - b));
    }),
    { numRuns: 40 },
  );
});

test('different keys do not wait for each other, and idle keys are forgotten', async () => {
  const order = new KeyOrder();
  const first = order.enter('a');
  const second = order.enter('a');
  const other = order.enter('b');
  await other.reached;
  let reached = false;
  void second.reached.then(() => (reached = true));
  await sleep(1);
  expect(reached).toBe(false);
  first.leave();
  await second.reached;
  second.leave();
  other.leave();
  await sleep(1);
  expect(order.size).toBe(0);
});

interface Operation {
  readonly key: string;
  readonly kind: 'create' | 'edit' | 'delete';
  readonly version: number;
  /** It comes to nothing while it is prepared, so it leaves before its turn. */
  readonly fails: boolean;
}
interface State {
  readonly version: number;
  readonly live: boolean;
  readonly edits: number;
}

/** What an operation makes of its key: an old or repeated version nothing, an edit of nothing nothing. */
function fold(state: State | undefined, { kind, version }: Operation): State | undefined {
  if (state && version <= state.version) return state;
  if (kind === 'create') return { version, live: true, edits: state?.edits ?? 0 };
  if (kind === 'delete') return { version, live: false, edits: state?.edits ?? 0 };
  return state?.live ? { version, live: true, edits: state.edits + 1 } : state;
}

test('any interleaving of creates, edits and deletes, some repeated, ends in the fold of each key’s log in order', async () => {
  const operation: fc.Arbitrary<Operation> = fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    kind: fc.constantFrom('create', 'edit', 'delete'),
    version: fc.nat(6),
    fails: fc.boolean(),
  });
  const log = fc
    .array(operation, { maxLength: 25 })
    .chain((once) => fc.tuple(fc.constant(once), fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 5 })))
    .map(([once, repeats]) =>
      repeats.reduce<Operation[]>(
        (all, [from, to]) =>
          all.length === 0 ? all : all.toSpliced(to % all.length, 0, all[from % all.length] as Operation),
        [...once],
      ),
    );
  await fc.assert(
    fc.asyncProperty(log, fc.scheduler(), async (operations, scheduler) => {
      const order = new KeyOrder();
      const states = new Map<string, State | undefined>();
      const process = async (each: Operation) => {
        const turn = order.enter(each.key);
        await scheduler.schedule(Promise.resolve(), 'prepared');
        if (each.fails) return turn.leave();
        await turn.reached;
        // Reading, taking a while and writing: two at once on one key would lose one of them.
        const before = states.get(each.key);
        await scheduler.schedule(Promise.resolve(), 'read');
        states.set(each.key, fold(before, each));
        turn.leave();
      };
      const enterAll = async () => {
        const entered: Promise<void>[] = [];
        for (const each of operations) {
          await scheduler.schedule(Promise.resolve(), 'fetched');
          entered.push(process(each));
        }
        await Promise.all(entered);
      };
      await scheduler.waitFor(enterAll());
      for (const key of ['a', 'b', 'c']) {
        const own = operations.filter((each) => each.key === key && !each.fails);
        expect(states.get(key)).toEqual(own.reduce<State | undefined>(fold, undefined));
      }
      await sleep(0);
      expect(order.size).toBe(0);
    }),
    { numRuns: 200 },
  );
});
