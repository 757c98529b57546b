import { useEffect, useRef } from 'preact/hooks';
import { detail } from '../state/details.ts';
import { changeView, view } from '../state/page.ts';
import { EntityPanel } from './entity-panel.tsx';
import { FactPanel } from './fact-panel.tsx';

/** What is looked at, beside the graph; Escape closes it. */
export function DetailPanel() {
  const { selected } = view.value;
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    panel.current?.scrollTo(0, 0);
    const escape = (event: KeyboardEvent) => {
      // What lies above the details closes first.
      const isCovered = document.querySelector('dialog[open]') !== null;
      if (event.key === 'Escape' && !event.defaultPrevented && !isCovered) changeView({ selected: '' });
    };
    addEventListener('keydown', escape);
    return () => removeEventListener('keydown', escape);
  }, [selected]);
  if (selected === '') return null;
  return (
    // What can be scrolled must be within reach of the keys.
    <aside class="details" aria-label="Details" ref={panel} tabIndex={-1}>
      <button type="button" class="close" aria-label="Close details" onClick={() => changeView({ selected: '' })}>
        ×
      </button>
      <Content />
    </aside>
  );
}

function Content() {
  const { value } = detail;
  switch (value.kind) {
    case 'entity':
      return <EntityPanel entity={value.entity} />;
    case 'fact':
      return <FactPanel link={value.link} />;
    case 'gone':
      return (
        <p class="pad">
          This is not in the graph any more: the posts that spoke of it were deleted or edited, or somebody rejected it.
        </p>
      );
    case 'failed':
      return (
        <p class="pad" role="alert">
          Reading the details failed: {value.message}
        </p>
      );
    default:
      return <p class="pad quiet">Loading…</p>;
  }
}
