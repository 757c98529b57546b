import { useEffect } from 'preact/hooks';
import type { Alert } from '../data/alerts.ts';
import { alerts, hush, readSettings } from '../state/alerts.ts';
import { changeView, now } from '../state/page.ts';
import { ago, counted, moment } from '../text/words.ts';
import { AlertSetup } from './alert-setup.tsx';
import { EntityLine, EventLine } from './event-line.tsx';

/** Times a silence can last, hours. */
const SILENCES = [
  [1, '1 hour'],
  [8, '8 hours'],
  [24, '1 day'],
  [168, '1 week'],
] as const;

/** What rules told, newest first, as they tell it. */
export function AlertFeed() {
  useEffect(readSettings, []);
  return (
    <section class="alerts" aria-label="Alerts">
      <h2>Alerts</h2>
      {alerts.value.length === 0 && (
        <p class="quiet">No alerts yet. “Watch this” beside an entity, a link or the filters makes a rule.</p>
      )}
      <div class="stack">
        {alerts.value.map((alert) => (
          <AlertCard key={alert.id} alert={alert} />
        ))}
      </div>
      <AlertSetup />
    </section>
  );
}

function AlertCard({ alert }: { alert: Alert }) {
  const { kind, severity, rule, at, events, entityEvents, text, silencedBy } = alert;
  // A rule without words of its own says what the lines below say.
  const isPlain =
    events.length + entityEvents.length > 0 &&
    events.every(({ head, fact }) => text.includes(`${head.name} —${fact.type}→`)) &&
    entityEvents.every(
      ({ entity }) =>
        text.includes(`New: ${entity?.name} (`) ||
        text.includes(`${entity?.name} is `) ||
        text.includes(') is mentioned'),
    );
  const standing = new Set(alert.facts.map(({ id }) => id));
  return (
    <article class={`alert is-${severity.toLowerCase()}`}>
      <header>
        <strong>
          <bdi>{rule}</bdi>
        </strong>{' '}
        <span class="quiet">
          {kind === 'RESOLVED' ? 'holds no longer · ' : ''}
          {severity.toLowerCase()} · <time title={moment(at)}>{ago(at, now.value)}</time>
          {silencedBy === null ? '' : ' · silenced'}
        </span>
      </header>
      {!isPlain && (
        <p class="text" dir="auto">
          {text}
        </p>
      )}
      <ul class="plain">
        {events.map((event, i) => (
          <li key={i}>
            {standing.has(event.fact.id) ? (
              <button
                type="button"
                class="line"
                title="Why? Show the evidence"
                onClick={() => changeView({ selected: event.fact.id })}
              >
                <EventLine event={event} />
              </button>
            ) : (
              <EventLine event={event} />
            )}
          </li>
        ))}
        {entityEvents.map((event, i) => (
          <li key={i}>
            <button
              type="button"
              class="line"
              onClick={() => changeView({ selected: (event.other ?? event.entity)?.id ?? '' })}
            >
              <EntityLine event={event} />
            </button>
          </li>
        ))}
      </ul>
      <Silencer alert={alert} />
    </article>
  );
}

function Silencer({ alert: { ruleId, events, entityEvents } }: { alert: Alert }) {
  const ends = events.flatMap(({ head, tail }) => [head.id, tail.id]);
  const own = entityEvents.flatMap(({ entity }) => entity?.id ?? []);
  const entities = [...new Set([...ends, ...own])].slice(0, 100);
  const choose = (scope: 'rule' | 'entities') => (event: { currentTarget: HTMLSelectElement }) => {
    const { currentTarget } = event;
    const hours = Number(currentTarget.value);
    currentTarget.value = '';
    if (hours > 0) hush(scope === 'rule' ? { rule: ruleId } : { entities }, hours);
  };
  return (
    <details class="silencer">
      <summary>Silence</summary>
      <Duration name="This rule" onChoose={choose('rule')} />
      {entities.length > 0 && (
        <Duration
          name={`Every rule, about ${counted(entities.length, 'entity', 'entities')} of it`}
          onChoose={choose('entities')}
        />
      )}
    </details>
  );
}

function Duration({
  name,
  onChoose,
}: {
  name: string;
  onChoose: (event: { currentTarget: HTMLSelectElement }) => void;
}) {
  return (
    <label class="quiet">
      {name}{' '}
      <select value="" onChange={onChoose}>
        <option value="">for …</option>
        {SILENCES.map(([hours, words]) => (
          <option key={hours} value={String(hours)}>
            for {words}
          </option>
        ))}
      </select>
    </label>
  );
}
