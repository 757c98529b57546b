import { chosen, toggleChosen, withChosen } from '../state/choose.ts';
import { counted } from '../text/words.ts';
import { KindDot } from './names.tsx';
import { WatchButton } from './watch-button.tsx';

/** Names shown of the entities that are chosen. */
const SHOWN = 8;

/** The entities that are chosen, and what can be done with all of them. */
export function ChoiceBar() {
  const entities = chosen.value;
  if (entities.length === 0) return null;
  return (
    <section class="path choice" aria-label="Chosen" aria-live="polite">
      <span>{counted(entities.length, 'entity', 'entities')} chosen:</span>
      {entities.slice(0, SHOWN).map(({ id, name, type }) => (
        <button key={id} type="button" class="name" title="Take it out" onClick={() => toggleChosen(id)}>
          <KindDot type={type} />
          <bdi>{name}</bdi> <span aria-hidden="true">×</span>
        </button>
      ))}
      {entities.length > SHOWN && <span class="quiet">and {entities.length - SHOWN} more</span>}
      <button type="button" onClick={withChosen.pin}>
        Pin all
      </button>
      <button type="button" onClick={withChosen.hide}>
        Hide all
      </button>
      <button type="button" onClick={withChosen.expand}>
        Expand all
      </button>
      {entities.length === 2 && (
        <button type="button" onClick={withChosen.connect}>
          Path between
        </button>
      )}
      <WatchButton subject={{ kind: 'entities', entities }} />
      <button type="button" onClick={withChosen.forget}>
        Choose none
      </button>
    </section>
  );
}
