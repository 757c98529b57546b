import { useComputed } from '@preact/signals';
import { changeView, current, toggleIn, view } from '../state/page.ts';
import { MAX_LIMIT, WINDOWS, type Window } from '../state/view.ts';
import { count, percent, relationWords } from '../text/words.ts';
import { KindDot } from './names.tsx';
import { WatchButton } from './watch-button.tsx';

const WINDOW_NAMES: Readonly<Record<Window, string>> = {
  '': 'Any time',
  '15m': 'Last 15 minutes',
  '1h': 'Last hour',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
};

const LIMITS = [100, 500, 1000, MAX_LIMIT];

/** The legend, which is the filter. */
export function FilterPanel() {
  const counts = useComputed(() => {
    const { model } = current.value;
    return {
      entities: tally(model.entities.values(), view.value.offTypes),
      relations: tally(model.facts.values(), view.value.offRelations),
    };
  });
  const { offTypes, offRelations, minConfidence, minSources, window, hidden, limit } = view.value;
  return (
    <form class="filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <fieldset>
        <legend>Entities</legend>
        {counts.value.entities.map(([type, n]) => (
          <label key={type}>
            <input type="checkbox" checked={!offTypes.includes(type)} onChange={() => toggleIn('offTypes', type)} />
            <KindDot type={type} />
            {type} <span class="quiet">{count(n)}</span>
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>Links</legend>
        {counts.value.relations.map(([type, n]) => (
          <label key={type} title={type}>
            <input
              type="checkbox"
              checked={!offRelations.includes(type)}
              onChange={() => toggleIn('offRelations', type)}
            />
            {relationWords(type)} <span class="quiet">{count(n)}</span>
          </label>
        ))}
      </fieldset>
      <label class="wide">
        At least {percent(minConfidence)} sure
        <input
          type="range"
          min="0"
          max="100"
          step="5"
          value={minConfidence * 100}
          onChange={({ currentTarget }) => changeView({ minConfidence: Number(currentTarget.value) / 100 })}
        />
      </label>
      <label class="wide">
        Independent sources
        <input
          type="number"
          min="1"
          max="1000"
          value={minSources}
          onChange={({ currentTarget }) =>
            changeView({ minSources: Math.max(1, Math.round(Number(currentTarget.value)) || 1) })
          }
        />
      </label>
      <label class="wide">
        Said in
        <select value={window} onChange={({ currentTarget }) => changeView({ window: currentTarget.value as Window })}>
          {(Object.keys(WINDOWS) as Window[]).map((key) => (
            <option key={key} value={key}>
              {WINDOW_NAMES[key]}
            </option>
          ))}
        </select>
      </label>
      <label class="wide">
        Entities at most
        <select
          value={String(limit)}
          onChange={({ currentTarget }) => changeView({ limit: Number(currentTarget.value) })}
        >
          {[...new Set([...LIMITS, limit])]
            .sort((a, b) => a - b)
            .map((n) => (
              <option key={n} value={String(n)}>
                {count(n)}
              </option>
            ))}
        </select>
      </label>
      {hidden.length > 0 && (
        <button type="button" onClick={() => changeView({ hidden: [] })}>
          Show {count(hidden.length)} hidden
        </button>
      )}
      <WatchButton subject={{ kind: 'view' }} />
    </form>
  );
}

/** Types with how often they occur, the most frequent first; those that are switched off stay in sight. */
function tally(
  things: Iterable<{ readonly type: string }>,
  off: readonly string[],
): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>(off.map((type) => [type, 0]));
  for (const { type } of things) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}
