import { useEffect, useState } from 'preact/hooks';
import { type Rise, readTrending } from '../data/find.ts';
import { connection } from '../state/live.ts';
import { EntityName } from './names.tsx';

const WINDOWS = ['15m', '1h', '24h', '7d'];
const LOOK_MS = 10_000;

/** Entities that are mentioned more than before. */
export function Trending() {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="trending" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Trending</summary>
      {isOpen && <Rises />}
    </details>
  );
}

function Rises() {
  const [window, setWindow] = useState('1h');
  const [rises, setRises] = useState<readonly Rise[] | undefined>();
  const isLive = connection.value.kind === 'live';
  useEffect(() => {
    if (!isLive) return undefined;
    let isOver = false;
    const look = async () => {
      // The next look may succeed; whether the server answers is told elsewhere.
      const found = await readTrending(window).catch(() => undefined);
      if (!isOver && found) setRises(found);
    };
    void look();
    const timer = setInterval(() => void look(), LOOK_MS);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [window, isLive]);
  return (
    <>
      <label class="quiet">
        In the last{' '}
        <select value={window} onChange={({ currentTarget }) => setWindow(currentTarget.value)}>
          {WINDOWS.map((value) => (
            <option key={value}>{value}</option>
          ))}
        </select>
      </label>
      {rises?.length === 0 && <p class="quiet">Nothing is mentioned more than before.</p>}
      <ol class="plain">
        {rises?.map(({ entity, mentions, mentionsBefore }) => (
          <li key={entity.id}>
            <EntityName entity={entity} />{' '}
            <span class="quiet">
              {mentions}, before {mentionsBefore}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
