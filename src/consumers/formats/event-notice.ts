import { z } from 'zod';
import { parseJsonObject } from './json.ts';
import { type Decoded, reject } from './rejected.ts';

/** What is needed of a graph event to know that it was decided on. */
export interface EventNotice {
  readonly factId: string;
  readonly position: number;
}

const schema = z.looseObject({ position: z.number().int().positive(), fact: z.looseObject({ id: z.string().min(1) }) });

/** Reads a record of the `graph-events` topic. */
export function decodeEventNotice(bytes: Uint8Array): Decoded<EventNotice> {
  const json = parseJsonObject(bytes);
  if ('rejected' in json) return json;
  const event = schema.safeParse(json.record);
  if (!event.success) return reject('schema', `reading a graph event: ${z.prettifyError(event.error)}`);
  return { record: { factId: event.data.fact.id, position: event.data.position } };
}
