import { z } from 'zod';
import { parseJsonObject } from './json.ts';
import { type Decoded, reject } from './rejected.ts';

/** What is needed of a graph event to know that it was decided on. */
export interface EventNotice {
  /** The fact or the entity that it is about. */
  readonly subjectId: string;
  readonly position: number;
}

const position = z.number().int().positive();
const subject = z.looseObject({ id: z.string().min(1) });
const schema = z.union([z.looseObject({ position, fact: subject }), z.looseObject({ position, entity: subject })]);

/** Reads a record of the `graph-events` topic. */
export function decodeEventNotice(bytes: Uint8Array): Decoded<EventNotice> {
  const json = parseJsonObject(bytes);
  if ('rejected' in json) return json;
  const event = schema.safeParse(json.record);
  if (!event.success) return reject('schema', `reading a graph event: ${z.prettifyError(event.error)}`);
  const { data } = event;
  const { id } = 'fact' in data ? (data.fact as z.infer<typeof subject>) : data.entity;
  return { record: { subjectId: id, position: data.position } };
}
