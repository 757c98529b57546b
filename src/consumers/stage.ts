import { messageOf } from '../errors.ts';
import type { StageStep } from '../telemetry/events.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { DeadLetters, Rejection } from './dead-letters.ts';
import type { Decoded } from './formats/rejected.ts';
import type { RecordSource, SourceRecord } from './record-source.ts';
import type { Circuit } from './runtime/circuit.ts';
import { faultOf } from './runtime/fault.ts';
import { KeyOrder } from './runtime/key-order.ts';
import type { Window } from './runtime/window.ts';

/** One stage of the stream: how a record becomes an item, what is prepared side by side, what must happen in order. */
export interface Stage<T, P> {
  readonly name: Rejection['stage'];
  readonly source: RecordSource;
  readonly window: Window;
  readonly deadLetters: DeadLetters;
  readonly telemetry: Telemetry;
  /** Of what the stage depends on: nothing new is begun while one is open. @default none */
  readonly circuits?: readonly Circuit[];
  /** Ends the waiting for what is in flight; it stays undone, and what becomes of it no longer matters. */
  readonly abandon: AbortSignal;
  decode(bytes: Uint8Array, record: SourceRecord): Decoded<T>;
  /** Items of one key are applied in stream order. */
  keyOf(item: T): string;
  /** Runs for many items at once. */
  prepare(item: T): Promise<P>;
  /** Started in key order; the promise resolves when the effect is durable. */
  apply(prepared: P): Promise<void>;
}

/**
 * Runs a stage until its source ends or is stopped, and everything accepted is finished.
 *
 * A record that cannot be processed is kept in the dead letters before it counts as done. A fault that is not the
 * record's stops the source and rejects; what was not finished stays undone and is delivered again by the next run.
 */
export async function runStage<T, P>(stage: Stage<T, P>): Promise<void> {
  const order = new KeyOrder();
  let fault: unknown;
  const fail = (error: unknown) => {
    if (stage.abandon.aborted) return;
    fault ??= error;
    stage.source.stop();
  };
  const reading = stage.source.run(async (record) => {
    const bytes = record.value?.byteLength ?? 0;
    for (const circuit of stage.circuits ?? []) if (circuit.open) await circuit.closed(stage.abandon);
    if (stage.abandon.aborted) return;
    await stage.window.acquire(bytes);
    void processRecord(stage, order, record)
      .catch(fail)
      .finally(() => stage.window.release(bytes));
  });
  const finished = reading.then(() => stage.window.drained());
  await Promise.race([finished, aborted(stage.abandon)]);
  if (fault) throw fault;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

async function processRecord<T, P>(stage: Stage<T, P>, order: KeyOrder, record: SourceRecord): Promise<void> {
  if (!record.value && !record.damage) {
    // A log's own tombstone names a key, never a post: there is nothing to do and nothing to keep.
    stage.telemetry.events.recordIgnored({ reason: 'tombstone', stage: stage.name, position: record.position });
    record.done();
    return;
  }
  const took = stopwatch(stage);
  const decoded = decodeRecord(stage, record);
  took('decode');
  if ('rejected' in decoded) {
    await rejectRecord(stage, record, decoded.rejected);
    return;
  }
  const turn = order.enter(stage.keyOf(decoded.record));
  try {
    const prepared = await stage.prepare(decoded.record);
    took('prepare');
    await turn.reached;
    took('turn');
    if (record.isStale?.()) {
      stage.telemetry.events.staleDropped({ stage: stage.name, position: record.position });
      return;
    }
    const applied = stage.apply(prepared);
    turn.leave();
    await applied;
    record.done();
    took('apply');
    took('all');
  } catch (error) {
    const fault = faultOf(error);
    if (fault.kind !== 'record') throw error;
    await rejectRecord(stage, record, { reason: fault.reason, message: messageOf(error) });
  } finally {
    turn.leave();
  }
}

/** Measures steps that follow each other. */
function stopwatch<T, P>({ name, telemetry: { events } }: Stage<T, P>): (step: StageStep) => void {
  const begun = performance.now();
  let last = begun;
  return (step) => {
    const now = performance.now();
    events.stepTaken(name, step, (now - (step === 'all' ? begun : last)) / 1000);
    last = now;
  };
}

function decodeRecord<T, P>(
  stage: Stage<T, P>,
  record: SourceRecord,
): Decoded<T> | { rejected: NonNullable<SourceRecord['damage']> } {
  if (record.damage) return { rejected: record.damage };
  return stage.decode(record.value ?? new Uint8Array(), record);
}

async function rejectRecord<T, P>(
  stage: Stage<T, P>,
  record: SourceRecord,
  why: { readonly reason: string; readonly message: string },
): Promise<void> {
  stage.telemetry.events.recordRejected({ ...why, stage: stage.name, position: record.position });
  await stage.deadLetters.write(record, { ...why, stage: stage.name });
  record.done();
}
