import { changeView, view } from '../state/page.ts';
import { way } from '../state/path.ts';
import { relationWords } from '../text/words.ts';
import { EntityName } from './names.tsx';

/** The path that was asked for, or what is missing for one. */
export function PathBar() {
  const [from, to] = view.value.path;
  if (from === undefined) return null;
  return (
    <section class="path" aria-label="Path" aria-live="polite">
      {to === undefined ? <span>Path: choose the entity where it should end, then “Path from …”.</span> : <Steps />}
      <button type="button" onClick={() => changeView({ path: [] })}>
        End path
      </button>
    </section>
  );
}

function Steps() {
  const { value } = way;
  if (value.kind === 'loading') return <span>Looking for a path…</span>;
  if (value.kind === 'no way') return <span>No path of six links or fewer.</span>;
  if (value.kind === 'none') return null;
  return (
    <>
      {value.entities.map((entity, i) => {
        const link = value.links[i];
        return (
          <span key={entity.id}>
            <EntityName entity={entity} />
            {link && (
              <button type="button" class="name relation" onClick={() => changeView({ selected: link.fact.id })}>
                {link.head.id === entity.id ? '→' : '←'} {relationWords(link.fact.type)}
              </button>
            )}
          </span>
        );
      })}
    </>
  );
}
