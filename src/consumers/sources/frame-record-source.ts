import { logKey } from '../../domain/post.ts';
import type { Events } from '../../telemetry/events.ts';
import type { DecodedFrame, FrameDecoder } from '../formats/frame.ts';
import type { RecordSource, SourceRecord } from '../record-source.ts';

/** A record whose source can be resumed behind it. */
export interface Frame extends SourceRecord {
  /** Tells the source which cursor resumes behind this frame; called at most once, before `done`. */
  resumeAt?(cursor: string): void;
}

/** A source of frames and how they are read. */
export interface FrameRecordSourceOptions {
  readonly frames: RecordSource;
  readonly decoder: FrameDecoder;
  /** Names the stage in logs and metrics. */
  readonly stage: string;
  readonly events: Events;
  /** Called with what each frame turned out to be. */
  readonly onFrame?: (frame: DecodedFrame) => void;
}

/**
 * Records of the native format from a source of a platform's frames.
 *
 * A frame is done when all its records are. One that cannot be read is delivered damaged, with its own bytes.
 */
export class FrameRecordSource implements RecordSource {
  readonly #options: FrameRecordSourceOptions;

  constructor(options: FrameRecordSourceOptions) {
    this.#options = options;
  }

  run(accept: (record: SourceRecord) => Promise<void>): Promise<void> {
    return this.#options.frames.run((frame) => this.#expand(frame, accept));
  }

  stop(): void {
    this.#options.frames.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#options.frames[Symbol.asyncDispose]();
  }

  async #expand(frame: Frame, accept: (record: SourceRecord) => Promise<void>): Promise<void> {
    const { decoder, events, stage, onFrame } = this.#options;
    if (frame.damage || !frame.value) {
      await accept(frame);
      return;
    }
    const { timestampMs, position } = frame;
    const decoded = decoder.decode(frame.value, timestampMs === undefined ? {} : { timestampMs });
    if (decoded.cursor !== undefined) frame.resumeAt?.(decoded.cursor);
    onFrame?.(decoded);
    if ('rejected' in decoded) {
      await accept({ ...frame, damage: decoded.rejected });
      return;
    }
    if ('ignored' in decoded) events.recordIgnored({ reason: decoded.ignored, stage, position });
    const records = 'records' in decoded ? decoded.records : [];
    let open = records.length;
    if (open === 0) frame.done();
    const done = () => {
      if (--open === 0) frame.done();
    };
    for (const record of records) {
      const value = Buffer.from(JSON.stringify(record));
      await accept({ ...frame, key: Buffer.from(logKey(record)), value, done: once(done) });
    }
  }
}

/** Late and repeated calls of `done` are harmless. */
function once(act: () => void): () => void {
  let called = false;
  return () => {
    if (called) return;
    called = true;
    act();
  };
}
