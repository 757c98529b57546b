import type { Telemetry } from '../telemetry/telemetry.ts';
import type { DeadLetters } from './dead-letters.ts';
import { decodeEventNotice, type EventNotice } from './formats/event-notice.ts';
import type { RecordSource } from './record-source.ts';
import type { Circuit } from './runtime/circuit.ts';
import type { Window } from './runtime/window.ts';
import { runStage } from './stage.ts';

/** What the alert consumer works with. */
export interface AlertOptions {
  readonly source: RecordSource;
  /** Resolves when all events up to a position have been decided on. */
  readonly alerts: { decideUpTo(position: number): Promise<void> };
  readonly deadLetters: DeadLetters;
  readonly window: Window;
  readonly telemetry: Telemetry;
  readonly circuits: readonly Circuit[];
  /** Ends the waiting for what is in flight, which stays undone. */
  readonly abandon: AbortSignal;
}

/**
 * The alert consumer: graph events in, alerts out. Events are decided on in the order of the graph's own log, which
 * partitions do not keep: an event here says how far that has to be.
 */
export async function runAlert({ alerts, ...options }: AlertOptions): Promise<void> {
  await runStage<EventNotice, EventNotice>({
    ...options,
    name: 'alert',
    decode: (bytes) => decodeEventNotice(bytes),
    keyOf: ({ subjectId }) => subjectId,
    prepare: async (notice) => notice,
    apply: ({ position }) => alerts.decideUpTo(position),
  });
}
