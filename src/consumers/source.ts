import type { Telemetry } from '../telemetry/telemetry.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { RecordSource } from './record-source.ts';
import type { Window } from './runtime/window.ts';
import { runStage } from './stage.ts';

/** One record of the native format on its way out of a live source. */
export interface NativeRecord {
  /** Its author's id, or its post's where it names no author. */
  readonly key: string;
  /** JSON, UTF-8. */
  readonly value: Uint8Array;
}

/**
 * Where the records of a live source go: the `posts` topic, or a pipe.
 *
 * Calls take effect in the order they are made; the promise resolves when the record is safe there.
 */
export interface RecordSink extends AsyncDisposable {
  write(record: NativeRecord): Promise<void>;
}

/** What a live source is run with. */
export interface SourceOptions {
  /** Records of the native format. */
  readonly source: RecordSource;
  readonly sink: RecordSink;
  readonly deadLetters: DeadLetters;
  readonly window: Window;
  readonly telemetry: Telemetry;
  /** Names the platform in metrics. */
  readonly name: string;
  /** Ends the waiting for what is in flight, which stays undone. */
  readonly abandon: AbortSignal;
  /** Called for each record once it is safe. */
  readonly onProduced?: () => void;
}

/** Moves the records of a live source to where they go, until it is stopped. */
export async function runSource(options: SourceOptions): Promise<void> {
  const { sink, telemetry, name, onProduced } = options;
  await runStage<NativeRecord, NativeRecord>({
    name: 'source',
    source: options.source,
    window: options.window,
    deadLetters: options.deadLetters,
    telemetry,
    abandon: options.abandon,
    decode: (value, record) => ({ record: { key: Buffer.from(record.key ?? '').toString(), value } }),
    keyOf: (record) => record.key,
    prepare: async (record) => record,
    apply: async (record) => {
      await sink.write(record);
      telemetry.events.sourceProduced({ source: name });
      onProduced?.();
    },
  });
}
