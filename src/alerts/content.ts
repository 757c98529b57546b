import { type EntityEvent, type FactEvent, type GraphEvent, isFactEvent, type StoredPost } from '../domain/graph.ts';
import type { Alert, AlertSubject } from '../graph/alert-store.ts';
import type { GraphReader } from '../graph/graph-reader.ts';
import { defaultTemplate, fillTemplate, type TemplateValues } from './template.ts';

/** What the text of an alert is read from. */
export type ContentReader = Pick<GraphReader, 'eventsAfter' | 'evidence' | 'postsById'>;

/** Most pieces of evidence in one alert, and characters of a post in each: receivers take no more than 20 kB. */
const [MAX_EVIDENCE, MAX_TEXT] = [4, 400];

/**
 * What an alert tells, read when it is sent: an author that was erased meanwhile is not in it. Undefined when all of its
 * events have been dropped.
 */
export async function contentOf(
  alert: Alert,
  reader: ContentReader,
  template?: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const events = await eventsOf(alert, reader);
  if (events.length === 0) return undefined;
  const each = Math.floor(MAX_EVIDENCE / events.length);
  const facts = await Promise.all(
    events
      .filter(isFactEvent)
      .map(async (event) => ({ ...factOf(event), evidence: await evidenceOf(event, reader, each) })),
  );
  const entities = await Promise.all(
    events.flatMap((event) => (isFactEvent(event) ? [] : [withPost(event, reader, each)])),
  );
  const { id, rule, severity, firedIds } = alert;
  const text = textOf(events, alert, template);
  const content = { alertId: id, rule, severity, text, facts };
  return { ...content, ...(entities.length > 0 && { entities }), ...(firedIds && { firedIds }) };
}

/** The events that an alert tells, less those that have been dropped. */
export async function eventsOf(
  { subjects }: Pick<Alert, 'subjects'>,
  reader: Pick<GraphReader, 'eventsAfter'>,
): Promise<readonly GraphEvent[]> {
  const found = await Promise.all(
    subjects.map(async (subject) => {
      const event = await eventAt(reader, subject.position);
      return event && eventOf(event, subject);
    }),
  );
  return found.filter((event) => event !== undefined);
}

/** An event as an alert tells it: with the numbers of a spike where it is about one. */
export function eventOf(event: GraphEvent, subject: AlertSubject): GraphEvent {
  return isFactEvent(event) || !('spike' in subject) ? event : { ...event, spike: subject.spike };
}

/** What an alert says has happened: a spike is not a mention like others. */
function toldKind(event: GraphEvent): string {
  if (isFactEvent(event) || !event.spike) return event.kind;
  return event.kind === 'pair.mentioned' ? 'pair.spike' : 'entity.spike';
}

async function eventAt(reader: Pick<GraphReader, 'eventsAfter'>, position: number): Promise<GraphEvent | undefined> {
  const [event] = await reader.eventsAfter(position - 1, 1);
  return event?.position === position ? event : undefined;
}

/** An entity with the post that brought it, where that is still there. */
async function withPost(event: EntityEvent, reader: ContentReader, first: number): Promise<Record<string, unknown>> {
  const { entity, other, kind, postId, spike } = event;
  const posts = first === 0 || postId === '' ? [] : await reader.postsById([postId]);
  const evidence = posts.flatMap((post) => (post ? [postOf(post)] : []));
  const second = other && (kind === 'pair.mentioned' ? { with: other } : { into: other });
  return { ...entity, ...second, ...spike, event: toldKind(event), postId, evidence };
}

function factOf(event: FactEvent): Record<string, unknown> {
  const { fact, headName, headType, tailName, tailType, kind, postId } = event;
  const { headId, tailId, ...numbers } = fact;
  const head = { id: headId, name: headName, type: headType };
  const tail = { id: tailId, name: tailName, type: tailType };
  return { ...numbers, head, tail, event: kind, postId };
}

async function evidenceOf({ fact }: FactEvent, reader: ContentReader, first: number): Promise<readonly unknown[]> {
  if (first === 0) return [];
  const { items } = await reader.evidence(fact.id, { first });
  const posts = await reader.postsById(items.map(({ node }) => node.postId));
  return posts.flatMap((post, index) => {
    if (!post) return [];
    const { postId, ...said } = postOf(post);
    return [{ postId, p: items[index]?.node.p, ...said }];
  });
}

function postOf({ id, url, text, author, eventMs }: StoredPost) {
  const by = author.handle ?? author.name ?? author.id;
  const at = new Date(eventMs).toISOString();
  return { postId: id, at, author: by, text: text.slice(0, MAX_TEXT), ...(url && { url }) };
}

/** What an alert says of its events, a line for each. */
export function textOf(
  events: readonly GraphEvent[],
  alert: Pick<Alert, 'rule' | 'severity' | 'type'>,
  template?: string,
): string {
  return events.map((event) => lineOf(event, alert, template)).join('\n');
}

function lineOf(
  event: GraphEvent,
  { rule, severity, type }: Pick<Alert, 'rule' | 'severity' | 'type'>,
  template: string | undefined,
): string {
  const common = { rule, severity, event: toldKind(event) };
  const values = isFactEvent(event) ? factValues(event) : entityValues(event);
  const text = fillTemplate(template ?? defaultTemplate(toldKind(event)), { ...common, ...values });
  return type === 'alert.resolved' ? `Resolved: ${text}` : text;
}

function entityValues({ kind, entity, other, spike }: EntityEvent): TemplateValues {
  if (kind === 'pair.mentioned') {
    const second = { 'second.name': other?.name ?? '', 'second.type': other?.type ?? '' };
    return { ...spike, 'first.name': entity.name, 'first.type': entity.type, ...second };
  }
  const own = { ...spike, 'entity.name': entity.name, 'entity.type': entity.type };
  return other ? { ...own, 'into.name': other.name, 'into.type': other.type } : own;
}

/** A fact has no numbers left when it is retracted: the text tells those it had. */
function factValues({ kind, before, headName, headType, tailName, tailType, ...event }: FactEvent): TemplateValues {
  const fact = kind === 'fact.retracted' ? { ...event.fact, ...before } : event.fact;
  return {
    type: fact.type,
    'head.name': headName,
    'head.type': headType,
    'tail.name': tailName,
    'tail.type': tailType,
    confidence: Math.round(fact.confidence * 100) / 100,
    evidenceCount: fact.evidenceCount,
    sourceCount: fact.sourceCount,
    authorCount: fact.authorCount,
  };
}
