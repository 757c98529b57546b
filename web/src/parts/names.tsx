import type { Entity } from '../data/rows.ts';
import { kindIndex } from '../graph/palette.ts';
import { toggleChosen } from '../state/choose.ts';
import { changeView } from '../state/page.ts';

/** A dot in the colour of an entity type. */
export function KindDot({ type }: { type: string }) {
  return <span class={`dot kind-${kindIndex(type)}`} aria-hidden="true" />;
}

/** The name of an entity; pressing it looks at the entity, with Shift it is chosen beside others. */
export function EntityName({ entity }: { entity: Entity }) {
  return (
    <button type="button" class="name" title={entity.type} onClick={(event) => press(entity.id, event.shiftKey)}>
      <KindDot type={entity.type} />
      <bdi>{entity.name}</bdi>
    </button>
  );
}

function press(id: string, isWithShift: boolean): void {
  if (isWithShift) toggleChosen(id);
  else changeView({ selected: id });
}
