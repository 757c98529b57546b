import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Rejection } from '../../../src/consumers/dead-letters.ts';
import type { RecordSource } from '../../../src/consumers/record-source.ts';
import { Circuit } from '../../../src/consumers/runtime/circuit.ts';
import { faultOf } from '../../../src/consumers/runtime/fault.ts';
import { withRetry } from '../../../src/consumers/runtime/retry.ts';
import { Window } from '../../../src/consumers/runtime/window.ts';
import { runStage } from '../../../src/consumers/stage.ts';
import { type ErrorCode, GrapevineError } from '../../../src/errors.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createTelemetry } from '../../../src/telemetry/telemetry.ts';

/** Every code, and whether an error of it that no later attempt mends is the record's. The compiler knows a missing one. */
const RECORDS_FAULT: Readonly<Record<ErrorCode, boolean>> = {
  CONFIG_INVALID: false,
  USAGE: false,
  BUNDLE_MISSING: false,
  BUNDLE_INVALID: false,
  BUNDLE_HASH: false,
  MODEL_FAILED: true,
  GRAPH_SCHEME: false,
  GRAPH_UNREACHABLE: false,
  GRAPH_NEWER: false,
  GRAPH_OLDER: false,
  GRAPH_REJECTED: true,
  GRAPH_TRANSIENT: false,
  KAFKA_UNREACHABLE: false,
  KAFKA_FAILED: false,
  PICTURE_STORE_FAILED: false,
  TOKENS_UNREADABLE: false,
  INPUT_UNREADABLE: false,
  SOURCE_REFUSED: false,
  RECORD_TOO_LARGE: true,
  BAD_CURSOR: false,
  BAD_REQUEST: false,
  WORKER_DIED: false,
  CLOSED: false,
};
const CODES = Object.keys(RECORDS_FAULT) as ErrorCode[];
const telemetry = createTelemetry(createLogger('silent'));

const failure = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .tuple(fc.constantFrom(...CODES), fc.nat(3))
      .map(([code, dice]) => new GrapevineError(code, code, { retryable: dice > 0 })),
  },
  { weight: 1, arbitrary: fc.constant(new TypeError('a fault in the program')) },
);
const kindOf = (error: Error) => {
  if (!(error instanceof GrapevineError)) return 'fatal';
  if (error.retryable) return 'passing';
  return RECORDS_FAULT[error.code] ? 'record' : 'fatal';
};

it.each(CODES)('%s is passing, the record’s fault or fatal', (code) => {
  expect(faultOf(new GrapevineError(code, 'x', { retryable: true }))).toEqual({ kind: 'passing' });
  const { kind } = faultOf(new GrapevineError(code, 'x'));
  expect(kind).toBe(RECORDS_FAULT[code] ? 'record' : 'fatal');
});

it('what is no error of ours is fatal, whatever was thrown', () => {
  fc.assert(
    fc.property(fc.anything(), (thrown) => {
      expect(faultOf(thrown)).toEqual({ kind: 'fatal' });
    }),
  );
});

/** Runs one record for each list of failures; the calls after the last of them succeed. */
async function run(failures: readonly (readonly Error[])[]) {
  const [applied, done, letters]: [number[], number[], Rejection[]] = [[], [], []];
  const calls = failures.map(() => 0);
  const { signal } = new AbortController();
  const source: RecordSource = {
    async run(accept) {
      for (const i of failures.keys()) {
        const value = Buffer.from(String(i));
        await accept({ value, key: null, headers: {}, position: `${i}`, done: () => void done.push(i) });
      }
    },
    stop() {},
    async [Symbol.asyncDispose]() {},
  };
  const circuit = new Circuit('graph');
  const ended = runStage<number, number>({
    name: 'upsert',
    source,
    telemetry,
    abandon: signal,
    window: new Window({ records: 1_000, bytes: 1_000 }),
    deadLetters: { write: async (_, rejection) => void letters.push(rejection), async [Symbol.asyncDispose]() {} },
    decode: (bytes) => ({ record: Number(Buffer.from(bytes).toString()) }),
    keyOf: (item) => `${item}`,
    prepare: async (item) => item,
    apply: (item) =>
      withRetry(
        async () => {
          const attempt = calls[item] ?? 0;
          calls[item] = attempt + 1;
          const error = failures[item]?.[attempt];
          if (error) throw error;
          applied.push(item);
        },
        { circuit, events: telemetry.events, signal, baseMs: 0, maxMs: 0 },
      ),
  });
  const thrown = await ended.then(
    () => undefined,
    (error: unknown) => error,
  );
  return { applied, done, letters, thrown, calls };
}

it('in any sequence of failures each record is applied, kept as a dead letter, or left undone by what is fatal', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(failure, { maxLength: 6 }), { minLength: 1, maxLength: 8 }),
      async (failures) => {
        const { applied, done, letters, thrown, calls } = await run(failures);
        // What passes is tried again; the first failure that does not decides.
        const decisive = failures.map((list) => list.find((error) => kindOf(error) !== 'passing'));
        const records = (kind: string) =>
          [...failures.keys()].filter((i) => (decisive[i] ? kindOf(decisive[i]) : 'applied') === kind);
        expect(applied.toSorted()).toEqual(records('applied'));
        expect(done.toSorted()).toEqual([...records('applied'), ...records('record')].toSorted());
        expect(letters).toHaveLength(records('record').length);
        for (const i of failures.keys()) {
          const tries = decisive[i] ? (failures[i] ?? []).indexOf(decisive[i]) + 1 : (failures[i] ?? []).length + 1;
          expect(calls[i]).toBe(tries);
        }
        if (records('fatal').length === 0) expect(thrown).toBeUndefined();
        else expect(decisive).toContain(thrown);
      },
    ),
    { numRuns: 100 },
  );
});
