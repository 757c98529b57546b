import { useState } from 'preact/hooks';
import type { Link } from '../data/rows.ts';
import { changeView, rows, view } from '../state/page.ts';
import { count, moment, percent, relationWords } from '../text/words.ts';
import { EntityName } from './names.tsx';

type Column = 'head' | 'type' | 'tail' | 'confidence' | 'sources' | 'seen';

interface ColumnOrder {
  readonly key: Column;
  readonly name: string;
  /** What rows are ordered by, the least first. */
  readonly of: (row: Link) => string | number;
  /** How a person would call that. */
  readonly order: 'ascending' | 'descending';
}

const COLUMNS: readonly ColumnOrder[] = [
  { key: 'head', name: 'From', of: ({ head }) => head.name, order: 'ascending' },
  { key: 'type', name: 'Link', of: ({ fact }) => relationWords(fact.type), order: 'ascending' },
  { key: 'tail', name: 'To', of: ({ tail }) => tail.name, order: 'ascending' },
  { key: 'confidence', name: 'Sure', of: ({ fact }) => -fact.confidence, order: 'descending' },
  { key: 'sources', name: 'Sources', of: ({ fact }) => -fact.sourceCount, order: 'descending' },
  { key: 'seen', name: 'Last said', of: ({ fact }) => -fact.lastSeenMs, order: 'descending' },
];

/** Rows drawn at first; the rest on demand. */
const PAGE = 200;

/** The links that are shown, as a table: the same selection as the graph. */
export function FactTable() {
  const [column, setColumn] = useState<Column>('seen');
  const [length, setLength] = useState(PAGE);
  const { of } = COLUMNS.find(({ key }) => key === column) ?? { of: () => 0 };
  const sorted = rows.value.toSorted((a, b) => (of(a) < of(b) ? -1 : of(a) > of(b) ? 1 : 0));
  return (
    // What can be scrolled must be within reach of the keys.
    <div class="table-frame" tabIndex={0} role="region" aria-label="Table of links">
      <table>
        <caption class="unseen">{count(sorted.length)} links</caption>
        <thead>
          <tr>
            {COLUMNS.map(({ key, name, order }) => (
              <th key={key} scope="col" aria-sort={key === column ? order : 'none'}>
                <button type="button" onClick={() => setColumn(key)}>
                  {name}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, length).map(({ fact, head, tail }) => (
            <tr key={fact.id} class={fact.id === view.value.selected ? 'is-selected' : undefined}>
              <td>
                <EntityName entity={head} />
              </td>
              <td>
                <button type="button" class="name" onClick={() => changeView({ selected: fact.id })}>
                  {relationWords(fact.type)}
                  <span class="unseen">: evidence</span>
                </button>
              </td>
              <td>
                <EntityName entity={tail} />
              </td>
              <td>{percent(fact.confidence)}</td>
              <td>{count(fact.sourceCount)}</td>
              <td>{moment(fact.lastSeenMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {sorted.length > length && (
        <button type="button" onClick={() => setLength(length + PAGE)}>
          Show more of {count(sorted.length)}
        </button>
      )}
    </div>
  );
}
