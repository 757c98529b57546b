/** One record as a source delivers it: bytes that nobody has looked at yet. */
export interface SourceRecord {
  readonly value: Uint8Array | null;
  readonly key: Uint8Array | null;
  /** Headers as they came, binary values and repeated names included. */
  readonly headers: Readonly<Record<string, Uint8Array | string | readonly (Uint8Array | string)[] | undefined>>;
  /** Where it stands in its source, for people: `line 12`, `posts/0@42`. */
  readonly position: string;
  /** When the source received it, epoch milliseconds; stable across redeliveries. */
  readonly timestampMs?: number;
  /** What is wrong with the record before it can be decoded: the source could not even read it whole. */
  readonly damage?: { readonly reason: string; readonly message: string };
  /** True once the record is somebody else's to finish: what has not been begun here must not be begun any more. */
  readonly isStale?: () => boolean;
  /** Tells the source that the record's effect is durable. Late and repeated calls are harmless. */
  done(): void;
}

/**
 * Where records come from.
 *
 * Guarantees: the position moves only past records that are `done` with every earlier one of their partition; a record
 * whose `done` never came is delivered again by the next run; records of one partition are delivered in order.
 */
export interface RecordSource extends AsyncDisposable {
  /**
   * Delivers records until the input ends or `stop` is called, waiting for each `accept` before the next: that is the
   * back-pressure. Rejects when the source failed for good.
   */
  run(accept: (record: SourceRecord) => Promise<void>): Promise<void>;
  /** Ends delivery; records already accepted may still become done. Disposing commits what is done and disconnects. */
  stop(): void;
}
