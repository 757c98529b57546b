import { setTimeout as sleep } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { RejectedLines } from '../../../src/consumers/jsonl/rejected-lines.ts';
import type { RecordSource, SourceRecord } from '../../../src/consumers/record-source.ts';
import { Circuit } from '../../../src/consumers/runtime/circuit.ts';
import { Window } from '../../../src/consumers/runtime/window.ts';
import { runStage, type Stage } from '../../../src/consumers/stage.ts';
import { GrapevineError } from '../../../src/errors.ts';
import { createEvents } from '../../../src/telemetry/events.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';

/** Delivers texts as records and remembers which became done, in which order. */
class ListSource implements RecordSource {
  readonly done: string[] = [];
  readonly #texts: readonly (string | null)[];
  #stopped = false;

  constructor(texts: readonly (string | null)[]) {
    this.#texts = texts;
  }

  async run(accept: (record: SourceRecord) => Promise<void>): Promise<void> {
    for (const [i, text] of this.#texts.entries()) {
      if (this.#stopped) return;
      const value = text === null ? null : Buffer.from(text);
      await accept({
        value,
        key: null,
        headers: {},
        position: `line ${i + 1}`,
        done: () => this.done.push(`line ${i + 1}`),
      });
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function stageOf(
  source: RecordSource,
  parts: Partial<Stage<string, string>>,
): Stage<string, string> & { rejected: RejectedLines } {
  const logger = createLogger('silent');
  const registry = new Registry();
  const rejected = new RejectedLines();
  return {
    name: 'extract',
    source,
    window: new Window({ records: 3, bytes: 1000 }),
    deadLetters: rejected,
    rejected,
    abandon: new AbortController().signal,
    telemetry: { logger, registry, events: createEvents(logger, registry) },
    decode: (bytes) => ({ record: Buffer.from(bytes).toString() }),
    keyOf: (item) => item[0] ?? '',
    prepare: async (item) => item,
    apply: async () => {},
    ...parts,
  };
}

test('prepares side by side, applies each key in order, and finishes everything before it ends', async () => {
  const applied: string[] = [];
  let preparing = 0;
  let most = 0;
  const source = new ListSource(['a1', 'a2', 'b1', 'a3', 'b2', 'a4']);
  const stage = stageOf(source, {
    async prepare(item) {
      most = Math.max(most, ++preparing);
      await sleep(item === 'a1' ? 20 : 1);
      preparing--;
      return item;
    },
    async apply(item) {
      applied.push(item);
      await sleep(2);
    },
  });
  await runStage(stage);
  expect(applied.filter((item) => item.startsWith('a'))).toEqual(['a1', 'a2', 'a3', 'a4']);
  expect(applied.filter((item) => item.startsWith('b'))).toEqual(['b1', 'b2']);
  expect(source.done).toHaveLength(6);
  expect(most).toBe(3);
});

test('a record that cannot be read or is refused by the sink is kept before it is done; the others pass', async () => {
  const source = new ListSource(['good', 'unreadable', null, 'refused', 'model', 'grown', 'last']);
  const stage = stageOf(source, {
    decode: (bytes) => {
      const record = Buffer.from(bytes).toString();
      return record === 'unreadable' ? { rejected: { reason: 'parse', message: 'no' } } : { record };
    },
    async prepare(item) {
      if (item === 'model') throw new GrapevineError('MODEL_FAILED', 'it is not a number');
      return item;
    },
    async apply(item) {
      if (item === 'refused') throw new GrapevineError('GRAPH_REJECTED', 'constraint');
      if (item === 'grown') throw new GrapevineError('RECORD_TOO_LARGE', 'over the limit of the topic');
    },
  });
  await runStage(stage);
  expect(stage.rejected.counts).toEqual({ parse: 1, sink_reject: 1, model_failed: 1, too_large: 1 });
  expect(source.done).toHaveLength(7);
});

test.each([
  new GrapevineError('WORKER_DIED', 'the thread ended'),
  new GrapevineError('GRAPH_TRANSIENT', 'still down', { retryable: true }),
  new TypeError('a fault of ours'),
])("a fault that is not the record's stops the source, is thrown, and leaves the record undone", async (fault) => {
  const source = new ListSource(['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']);
  const stage = stageOf(source, {
    async apply(item) {
      if (item === 'two') throw fault;
    },
  });
  await expect(runStage(stage)).rejects.toBe(fault);
  expect(source.done).not.toContain('line 2');
  expect(source.done).not.toContain('line 8');
  expect(stage.rejected.counts).toEqual({});
});

test('when it is abandoned it ends at once: what is in flight stays undone and its faults no longer matter', async () => {
  const abandon = new AbortController();
  const source = new ListSource(['one', 'two', 'three', 'four', 'five']);
  const stage = stageOf(source, {
    abandon: abandon.signal,
    async prepare(item) {
      if (item === 'one') return item;
      await new Promise((_, reject) => abandon.signal.addEventListener('abort', () => reject(new Error('closed'))));
      return item;
    },
  });
  setTimeout(() => {
    source.stop();
    abandon.abort();
  }, 20);
  await runStage(stage);
  expect(source.done).toEqual(['line 1']);
});

test('what has become somebody else’s is not begun any more, is not done, and holds nothing up', async () => {
  const source = new ListSource(['a1', 'a2', 'b1']);
  const original = source.run.bind(source);
  source.run = (accept) => original((record) => accept({ ...record, isStale: () => String(record.value) === 'a1' }));
  const applied: string[] = [];
  const stage = stageOf(source, { apply: async (item) => void applied.push(item) });
  await runStage(stage);
  expect(applied).toEqual(['a2', 'b1']);
  expect(source.done).toEqual(['line 2', 'line 3']);
  expect(stage.rejected.total).toBe(0);
  expect(await stage.telemetry.registry.metrics()).toContain('stale_results_dropped_total{stage="extract"} 1');
});

test('nothing new is begun while what it depends on does not answer', async () => {
  const circuit = new Circuit('graph');
  const applied: string[] = [];
  const source = new ListSource(['a1', 'b1', 'c1']);
  const stage = stageOf(source, {
    circuits: [circuit],
    apply: async (item) => {
      applied.push(item);
      if (item === 'a1') for (let i = 0; i < 3; i++) circuit.failed();
    },
  });
  let ended = false;
  const running = runStage(stage).then(() => (ended = true));
  await expect.poll(() => circuit.open).toBe(true);
  await sleep(20);
  // The second was in flight by then or not; the third has not been begun.
  expect(applied).not.toContain('c1');
  expect(ended).toBe(false);
  circuit.succeeded();
  await running;
  expect(applied).toEqual(['a1', 'b1', 'c1']);
});
