import * as menu from '@zag-js/menu';
import { normalizeProps, useMachine } from '@zag-js/preact';
import { useId } from 'preact/hooks';
import { csvOf, gexfOf, jsonOf } from '../state/export.ts';
import { attempt } from '../state/notice.ts';
import { rows } from '../state/page.ts';
import { stage } from '../state/stage.ts';

const FORMATS = [
  { value: 'png', name: 'Picture (PNG)' },
  { value: 'csv', name: 'Table (CSV)' },
  { value: 'json', name: 'Entities and facts (JSON)' },
  { value: 'gexf', name: 'Graph for Gephi (GEXF)' },
];

/** Saves what is shown. */
export function ExportMenu() {
  const service = useMachine(menu.machine, {
    id: useId(),
    'aria-label': 'Export',
    onSelect: ({ value }) => attempt('Exporting', () => save(value)),
  });
  const api = menu.connect(service, normalizeProps);
  return (
    <div class="menu">
      <button {...api.getTriggerProps()}>Export</button>
      <div {...api.getPositionerProps()}>
        <ul {...api.getContentProps()}>
          {FORMATS.map(({ value, name }) => (
            <li key={value} {...api.getItemProps({ value })}>
              {name}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

async function save(format: string): Promise<void> {
  const blob = await blobOf(format);
  const address = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement('a'), { href: address, download: `grapevine.${format}` });
  link.click();
  // The browser has taken the file over when the next task begins.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

async function blobOf(format: string): Promise<Blob> {
  const drawn = stage.value;
  switch (format) {
    case 'png':
      if (!drawn) throw new Error('open the graph first; the table has no picture.');
      return drawn.picture();
    case 'csv':
      return new Blob([csvOf(rows.value)], { type: 'text/csv' });
    case 'gexf':
      return new Blob([gexfOf(rows.value, (id) => drawn?.positionOf(id))], { type: 'application/gexf+xml' });
    default:
      return new Blob([jsonOf(rows.value)], { type: 'application/json' });
  }
}
