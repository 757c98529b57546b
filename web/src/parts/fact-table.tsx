import { useState } from 'preact/hooks';
import type { Link } from '../data/rows.ts';
import { changeView, rows, view } from '../state/page.ts';
import { count, moment, percent, relationWords } from '../text/words.ts';
import { EntityName } from './names.tsx';

type Column = 'head' | 'type' | 'tail' | 'confidence' | 'sources' | 'seen';

const COLUMNS: readonly { readonly key: Column; readonly name: string; readonly of: (row: Link) => string | number }[] =
  [
    { key: 'head', name: 'From', of: ({ head }) => head.name },
    { key: 'type', name: 'Link', of: ({ fact }) => relationWords(fact.type) },
    { key: 'tail', name: 'To', of: ({ tail }) => tail.name },
    { key: 'confidence', name: 'Sure', of: ({ fact }) => -fact.confidence },
    { key: 'sources', name: 'Sources', of: ({ fact }) => -fact.sourceCount },
    { key: 'seen', name: 'Last said', of: ({ fact }) => -fact.lastSeenMs },
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
            {COLUMNS.map(({ key, name }) => (
              <th key={key} scope="col" aria-sort={key === column ? 'ascending' : 'none'}>
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
