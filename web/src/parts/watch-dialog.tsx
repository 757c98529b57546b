import { useEffect, useRef, useState } from 'preact/hooks';
import type { Severity, Trigger } from '../data/alerts.ts';
import { tellError } from '../data/server.ts';
import { readSettings, settings, watch } from '../state/alerts.ts';
import { view } from '../state/page.ts';
import {
  conditionsFor,
  type Draft,
  draftOf,
  ruleOf,
  type Subject,
  type Topic,
  topicOf,
  triggersFor,
  watched,
} from '../state/watch.ts';
import { DryRunOf } from './dry-run.tsx';

const TRIGGERS: Readonly<Record<Trigger, string>> = {
  FACT_CREATED: 'A link appears, or becomes sure enough',
  FACT_THRESHOLD: 'A link becomes sure enough',
  FACT_RETRACTED: 'A link is retracted',
  ENTITY_CREATED: 'An entity appears',
  ENTITY_MENTIONED: 'A post mentions it',
  ENTITY_SPIKE: 'Posts mention it far more than usual',
  PAIR_SPIKE: 'Posts mention the two together far more than usual',
};

/** Of what one alert is sent within a time. */
const SAME: Readonly<Record<Topic, string>> = {
  links: 'The same link',
  entities: 'The same entity',
  pairs: 'The same pair',
};

const SEVERITIES: Readonly<Record<Severity, string>> = {
  INFO: 'Good to know',
  WARNING: 'To be looked at',
  CRITICAL: 'To be looked at now',
};

const SETTLES: Readonly<Record<string, string>> = {
  '': 'At once',
  '1m': 'After 1 minute',
  '10m': 'After 10 minutes',
  '1h': 'After 1 hour',
};
const EVERIES: Readonly<Record<string, string>> = {
  '': 'Every time',
  '1h': 'Once an hour',
  '6h': 'Once in 6 hours',
  '1d': 'Once a day',
};

/** Makes an alert rule of what is on the page; what it would have told in the last day is shown before it is kept. */
export function WatchDialog() {
  const subject = watched.value;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!subject) return dialog.current?.close();
    readSettings();
    dialog.current?.showModal();
    return undefined;
  }, [subject]);
  const leave = () => {
    watched.value = undefined;
  };
  return (
    <dialog ref={dialog} aria-label="Watch this" onClose={leave}>
      {subject && <RuleForm subject={subject} onDone={leave} />}
    </dialog>
  );
}

function RuleForm({ subject, onDone }: { subject: Subject; onDone: () => void }) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(subject, view.peek()));
  const [isTried, setTried] = useState(false);
  const [problem, setProblem] = useState('');
  const topic = topicOf(draft.when);
  const change = (part: Partial<Draft>) => {
    setTried(false);
    setDraft({ ...draft, ...part });
  };
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    try {
      await watch(ruleOf(draft));
      onDone();
    } catch (error) {
      setProblem(tellError(error));
    }
  };
  return (
    <form onSubmit={(event) => void save(event)}>
      <h2>Watch this</h2>
      <label>
        Name
        <input
          required
          maxLength={100}
          value={draft.name}
          onInput={({ currentTarget }) => change({ name: currentTarget.value })}
        />
      </label>
      <Choice
        name="Tell me when"
        value={draft.when}
        of={TRIGGERS}
        only={triggersFor(subject)}
        onChoose={(when) => change({ when })}
      />
      <Conditions draft={draft} onChange={change} />
      <Choice
        name="How much it matters"
        value={draft.severity}
        of={SEVERITIES}
        onChoose={(severity) => change({ severity })}
      />
      {topic === 'links' && (
        <Choice name="Tell it" value={draft.settle} of={SETTLES} onChoose={(settle) => change({ settle })} />
      )}
      <Choice name={SAME[topic]} value={draft.every} of={EVERIES} onChoose={(every) => change({ every })} />
      <Channels draft={draft} onChange={change} />
      <DryRunOf rule={ruleOf(draft)} onTried={() => setTried(true)} />
      {problem !== '' && <p role="alert">{problem}</p>}
      <p class="actions">
        <button type="submit" disabled={!isTried}>
          Watch
        </button>
        <button type="button" onClick={onDone}>
          Cancel
        </button>
      </p>
    </form>
  );
}

interface Part {
  readonly draft: Draft;
  onChange(part: Partial<Draft>): void;
}

function Conditions({ draft, onChange }: Part) {
  const { conditions, when } = draft;
  const things = topicOf(when);
  const counting = conditionsFor(draft);
  return (
    <fieldset>
      <legend>Only {things} that are</legend>
      {counting.length === 0 && <p class="quiet">any. Select or filter something to watch less.</p>}
      {counting.map(({ place, ...one }) => (
        <label key={place} class="tick">
          <input
            type="checkbox"
            checked={one.isOn}
            onChange={() => onChange({ conditions: conditions.with(place, { ...one, isOn: !one.isOn }) })}
          />
          <bdi>{one.words}</bdi>
        </label>
      ))}
    </fieldset>
  );
}

function Channels({ draft: { channels }, onChange }: Part) {
  const known = settings.value?.channels ?? [];
  if (known.length === 0)
    return <p class="quiet">The server knows no channel to send to: alerts are listed on this page.</p>;
  const toggle = (name: string) =>
    onChange({ channels: channels.includes(name) ? channels.filter((one) => one !== name) : [...channels, name] });
  return (
    <fieldset>
      <legend>Also send it to</legend>
      {known.map(({ name, kind, disabledFor }) => (
        <label key={name} class="tick">
          <input type="checkbox" checked={channels.includes(name)} onChange={() => toggle(name)} />
          {name}{' '}
          <span class="quiet">
            {kind}
            {disabledFor === null ? '' : `, disabled: ${disabledFor}`}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function Choice<T extends string>({
  name,
  value,
  of,
  only = Object.keys(of) as T[],
  onChoose,
}: {
  name: string;
  value: T;
  of: Readonly<Record<T, string>>;
  only?: readonly T[];
  onChoose: (value: T) => void;
}) {
  return (
    <label>
      {name}
      <select value={value} onChange={({ currentTarget }) => onChoose(currentTarget.value as T)}>
        {only.map((key) => (
          <option key={key} value={key}>
            {of[key]}
          </option>
        ))}
      </select>
    </label>
  );
}
