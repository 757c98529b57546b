import * as combobox from '@zag-js/combobox';
import { normalizeProps, useMachine } from '@zag-js/preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { type Hit, searchEntities } from '../data/find.ts';
import { changeView } from '../state/page.ts';
import { counted } from '../text/words.ts';
import { KindDot } from './names.tsx';

/** The props of the machine say no more than that they are for an input. */
type InputProps = Record<string, unknown> & { readonly type: 'text' };

/** Time after the last key before the server is asked, milliseconds. */
const REST_MS = 120;

/** Finds an entity by name; `/` leads here from anywhere. */
export function SearchBox() {
  const [hits, setHits] = useState<readonly Hit[]>([]);
  const [isMiss, setMiss] = useState(false);
  const asking = useRef(new AbortController());
  const input = useRef<HTMLInputElement>(null);
  const look = (words: string) => {
    asking.current.abort();
    asking.current = new AbortController();
    const { signal } = asking.current;
    setMiss(false);
    if (words.trim() === '') return setHits([]);
    setTimeout(async () => {
      if (signal.aborted) return;
      // Whether the server answers is told elsewhere.
      const found = await searchEntities(words, signal).catch(() => undefined);
      if (signal.aborted) return;
      setHits(found ?? []);
      setMiss(found?.length === 0);
    }, REST_MS);
  };
  const service = useMachine(combobox.machine, {
    id: useId(),
    collection: combobox.collection({
      items: [...hits],
      itemToValue: (hit: Hit) => hit.id,
      itemToString: (hit: Hit) => hit.name,
    }),
    placeholder: 'Search entities',
    openOnClick: false,
    inputBehavior: 'autohighlight',
    selectionBehavior: 'clear',
    positioning: { sameWidth: true },
    onInputValueChange: ({ inputValue, reason }) => {
      if (reason === 'input-change') look(inputValue);
    },
    onValueChange: ({ value: [id] }) => {
      if (id === undefined) return;
      changeView({ selected: id });
      setHits([]);
      service.send({ type: 'VALUE.CLEAR' });
    },
  });
  const api = combobox.connect(service, normalizeProps);
  useEffect(() => {
    const slash = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener('keydown', slash);
    return () => removeEventListener('keydown', slash);
  }, []);
  const isOpen = api.open && hits.length > 0;
  return (
    <div {...api.getRootProps()} class="search" onFocusOut={() => setMiss(false)}>
      <label {...api.getLabelProps()} class="unseen">
        Search entities
      </label>
      <div {...api.getControlProps()}>
        <input {...(api.getInputProps() as InputProps)} ref={input} aria-keyshortcuts="/" />
      </div>
      <div {...api.getPositionerProps()}>
        <ul {...api.getContentProps()} class="hits" hidden={!isOpen}>
          {hits.map((hit) => (
            <li key={hit.id} {...api.getItemProps({ item: hit })}>
              <KindDot type={hit.type} />
              <bdi>{hit.name}</bdi>
              <span class="quiet">
                {hit.type} · {counted(hit.mentionCount, 'mention')}
              </span>
            </li>
          ))}
        </ul>
      </div>
      <p class="miss quiet" role="status" hidden={!isMiss}>
        {isMiss && 'Nothing found.'}
      </p>
    </div>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
