import { type FactEvent, isFactEvent } from '../domain/graph.ts';
import type { Alert } from '../graph/alert-store.ts';
import type { GraphReader } from '../graph/graph-reader.ts';
import { DEFAULT_TEMPLATE, fillTemplate } from './template.ts';

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
  template = DEFAULT_TEMPLATE,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const found = await Promise.all(alert.subjects.map(({ position }) => eventAt(reader, position)));
  const events = found.filter((event) => event !== undefined);
  if (events.length === 0) return undefined;
  const each = Math.floor(MAX_EVIDENCE / events.length);
  const facts = await Promise.all(
    events.map(async (event) => ({ ...factOf(event), evidence: await evidenceOf(event, reader, each) })),
  );
  const { id, rule, severity, firedIds } = alert;
  const text = events.map((event) => textOf(event, alert, template)).join('\n');
  return { alertId: id, rule, severity, text, facts, ...(firedIds && { firedIds }) };
}

async function eventAt(reader: ContentReader, position: number): Promise<FactEvent | undefined> {
  const [event] = await reader.eventsAfter(position - 1, 1);
  return event?.position === position && isFactEvent(event) ? event : undefined;
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
    const { id, url, text, author, eventMs } = post;
    const by = author.handle ?? author.name ?? author.id;
    const at = new Date(eventMs).toISOString();
    return [
      { postId: id, p: items[index]?.node.p, at, author: by, text: text.slice(0, MAX_TEXT), ...(url && { url }) },
    ];
  });
}

function textOf(event: FactEvent, { rule, severity, type }: Alert, template: string): string {
  const { fact, headName, headType, tailName, tailType, kind } = event;
  const text = fillTemplate(template, {
    rule,
    severity,
    event: kind,
    type: fact.type,
    'head.name': headName,
    'head.type': headType,
    'tail.name': tailName,
    'tail.type': tailType,
    confidence: Math.round(fact.confidence * 100) / 100,
    evidenceCount: fact.evidenceCount,
    sourceCount: fact.sourceCount,
    authorCount: fact.authorCount,
  });
  return type === 'alert.resolved' ? `Resolved: ${text}` : text;
}
