import type { EntityDetail } from '../data/details.ts';
import { accept, refuse } from '../state/decisions.ts';
import { percent } from '../text/words.ts';
import { EntityName } from './names.tsx';

/** Entities that may be the same one: a person decides. */
export function Suggestions({ entity }: { entity: EntityDetail }) {
  if (entity.suggestions.length === 0) return null;
  return (
    <section aria-label="Suggestions">
      <h3>May be the same</h3>
      <ul class="plain">
        {entity.suggestions.map(({ from, into, score, reasons }) => {
          const other = from.id === entity.id ? into : from;
          return (
            <li key={other.id} class="suggestion">
              <EntityName entity={other} />{' '}
              <span class="quiet">
                {other.type} · {percent(score)}
              </span>
              {reasons.map(({ kind, detail }) => (
                <p key={kind} class="quiet">
                  <bdi>{detail}</bdi>
                </p>
              ))}
              <p class="actions">
                <button type="button" onClick={() => accept(from, into)}>
                  Same
                </button>
                <button type="button" onClick={() => refuse(from, into)}>
                  Not the same
                </button>
              </p>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
