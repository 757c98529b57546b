import { logKey } from '../../domain/post.ts';
import type { RecordSink } from '../source.ts';
import type { KeepRecord } from './post-desk.ts';

/** Sends posts to the log that the extract consumers read; opened when the first one comes. */
export function keepInLog(open: () => Promise<RecordSink>): KeepRecord {
  return async (record) => {
    const sink = await open();
    await sink.write({ key: logKey(record), value: Buffer.from(JSON.stringify(record)) });
    return { taken: 'queued' };
  };
}
