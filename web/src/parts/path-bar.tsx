import { changeView, model, view } from '../state/page.ts';
import { path } from '../state/path.ts';
import { relationWords } from '../text/words.ts';
import { EntityName } from './names.tsx';

/** The path that was asked for, or what is missing for one. */
export function PathBar() {
  const [from, to] = view.value.path;
  if (from === undefined) return null;
  const items = path.value;
  return (
    <section class="path" aria-label="Path" aria-live="polite">
      {to === undefined && <span>Path: choose the entity where it should end, then “Path from …”.</span>}
      {to !== undefined && items === undefined && (
        <span>No path over the links that are shown. Expand, or take filters away.</span>
      )}
      {to !== undefined && items?.map((id) => <PathItem key={id} id={id} />)}
      <button type="button" onClick={() => changeView({ path: [] })}>
        End path
      </button>
    </section>
  );
}

function PathItem({ id }: { id: string }) {
  const entity = model.entities.get(id);
  if (entity) return <EntityName entity={entity} />;
  return (
    <button type="button" class="name relation" onClick={() => changeView({ selected: id })}>
      {relationWords(model.facts.get(id)?.type ?? '')}
    </button>
  );
}
