import type { Extraction } from '../domain/extraction.ts';
import { orderKey } from '../domain/post.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { ExtractionSink } from './extraction-sink.ts';
import { decodeExtraction } from './formats/extraction.ts';
import type { RecordSource } from './record-source.ts';
import type { Circuit } from './runtime/circuit.ts';
import type { Window } from './runtime/window.ts';
import { runStage } from './stage.ts';

/** What the upsert consumer works with. */
export interface UpsertOptions {
  readonly source: RecordSource;
  /** The graph. */
  readonly sink: ExtractionSink;
  readonly deadLetters: DeadLetters;
  readonly window: Window;
  readonly telemetry: Telemetry;
  /** Of what it depends on: nothing new is begun while one is open. */
  readonly circuits?: readonly Circuit[];
  /** Ends the waiting for what is in flight, which stays undone. */
  readonly abandon: AbortSignal;
}

/** The upsert consumer: extractions in, graph out. Ends when the source does. */
export async function runUpsert(options: UpsertOptions): Promise<void> {
  await runStage<Extraction, Extraction>({
    name: 'upsert',
    source: options.source,
    window: options.window,
    deadLetters: options.deadLetters,
    telemetry: options.telemetry,
    ...(options.circuits && { circuits: options.circuits }),
    abandon: options.abandon,
    decode: (bytes) => decodeExtraction(bytes),
    keyOf: (extraction) => orderKey(extraction.post),
    prepare: async (extraction) => extraction,
    apply: (extraction) => options.sink.write(extraction),
  });
}
