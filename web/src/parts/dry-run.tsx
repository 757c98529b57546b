import { useEffect, useState } from 'preact/hooks';
import { type DryRun, type RuleInput, tryRule } from '../data/alerts.ts';
import { tellError } from '../data/server.ts';
import { counted, moment } from '../text/words.ts';
import { EntityLine, EventLine } from './event-line.tsx';

/** Time after the last change of a rule before it is tried, milliseconds. */
const REST_MS = 250;

type Tried =
  | { readonly kind: 'trying' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'tried'; readonly run: DryRun };

/** What is noted only of whom some rule names. */
const MENTIONS: ReadonlySet<string> = new Set(['ENTITY_MENTIONED', 'ENTITY_SPIKE', 'PAIR_SPIKE']);

/** What a rule would have told in the last day; tried again whenever the rule changes. */
export function DryRunOf({ rule, onTried }: { rule: RuleInput; onTried: () => void }) {
  const [tried, setTried] = useState<Tried>({ kind: 'trying' });
  const text = JSON.stringify(rule);
  useEffect(() => {
    const leave = new AbortController();
    setTried({ kind: 'trying' });
    const timer = setTimeout(async () => {
      try {
        const run = await tryRule(JSON.parse(text) as RuleInput, leave.signal);
        if (leave.signal.aborted) return;
        setTried({ kind: 'tried', run });
        onTried();
      } catch (error) {
        if (!leave.signal.aborted) setTried({ kind: 'failed', message: tellError(error) });
      }
    }, REST_MS);
    return () => {
      leave.abort();
      clearTimeout(timer);
    };
  }, [text]);
  return (
    <section aria-label="In the last day" aria-live="polite">
      <h3>In the last day it would have told</h3>
      {MENTIONS.has(rule.when) && (
        <p class="quiet">Mentions are noted from now on: only of those that some rule names are they known before.</p>
      )}
      {tried.kind === 'trying' && <p class="quiet">Looking through the last day…</p>}
      {tried.kind === 'failed' && <p role="alert">{tried.message}</p>}
      {tried.kind === 'tried' && <Result run={tried.run} />}
    </section>
  );
}

function Result({ run }: { run: DryRun }) {
  const { alertCount, heldBackCount, nearMissCount, eventCount, isPartial, alerts, judged } = run;
  const near = judged.filter(({ fires }) => !fires);
  return (
    <>
      <p>
        <strong>{counted(alertCount, 'alert')}</strong>, of {counted(eventCount, 'change')} of the graph
        {isPartial ? ', the newest of which were left out' : ''}
        {heldBackCount > 0 && `; ${counted(heldBackCount, 'change')} would have been held back`}.
      </p>
      <ul class="plain">
        {alerts.map(({ at, events, entityEvents }, i) => (
          <li key={i}>
            {events.map((event, j) => (
              <EventLine key={j} event={event} />
            ))}
            {entityEvents.map((event, j) => (
              <EntityLine key={j} event={event} />
            ))}{' '}
            <span class="quiet">{moment(at)}</span>
          </li>
        ))}
      </ul>
      {near.length > 0 && (
        <details>
          <summary>{counted(nearMissCount, 'near miss', 'near misses')}</summary>
          <ul class="plain">
            {near.map(({ event, entityEvent, why }, i) => (
              <li key={i}>
                {event && <EventLine event={event} />}
                {entityEvent && <EntityLine event={entityEvent} />} <span class="quiet">{why.join('; ')}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
