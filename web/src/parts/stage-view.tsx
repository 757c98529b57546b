import { useComputed, useSignalEffect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { paletteOf } from '../graph/palette.ts';
import { Stage } from '../graph/stage.ts';
import { chooseMore, toggleChosen } from '../state/choose.ts';
import { hiddenOf } from '../state/expand.ts';
import { fadeTime } from '../state/fade.ts';
import { changeView, model, shown, toggleIn, view } from '../state/page.ts';
import { pathItems } from '../state/path.ts';
import { isDark } from '../state/scheme.ts';
import { stage } from '../state/stage.ts';
import { counted, relationWords } from '../text/words.ts';

const STEP = 0.15;
const ZOOM = 1.3;

/** The drawing of the graph. The keys: arrows move it, + and - change its size, 0 shows all of it. */
export function StageView() {
  const host = useRef<HTMLDivElement>(null);
  const [problem, setProblem] = useState('');
  const chosenIds = useComputed(() => new Set(view.value.chosen));
  const look = useComputed(() => ({
    ...shown.value,
    palette: paletteOf(isDark.value),
    selected: view.value.selected,
    chosen: chosenIds.value,
    pinned: view.value.pinned,
    path: pathItems.value,
    words: relationWords,
    hiddenOf: hiddenOf.value,
    nowMs: fadeTime.value,
  }));
  useEffect(() => {
    if (!host.current) return undefined;
    try {
      const drawn = new Stage(host.current, model, look.value, {
        onSelect: (selected) => changeView({ selected }),
        onChoose: toggleChosen,
        onLasso: chooseMore,
        onExpand: (id) => {
          if (!view.value.expanded.includes(id)) toggleIn('expanded', id);
        },
        onPin: (id) => {
          if (!view.value.pinned.includes(id)) toggleIn('pinned', id);
        },
      });
      const deaf = model.listen((change) => drawn.apply(change));
      // For those who look at the page from outside: tests and measurements.
      Object.assign(host.current, { drawing: drawn });
      stage.value = drawn;
      return () => {
        deaf();
        stage.value = undefined;
        drawn.close();
      };
    } catch {
      setProblem('This browser cannot draw the graph: it has no WebGL. The table holds the same links.');
      return undefined;
    }
  }, []);
  useSignalEffect(() => stage.value?.restyle(look.value));
  const { entities, facts } = shown.value;
  const label = `Graph of ${counted(entities.size, 'entity', 'entities')} and ${counted(facts.size, 'link')}; the table holds the same`;
  return (
    <div class="stage-frame">
      <div
        ref={host}
        class="stage"
        role="application"
        aria-label={label}
        tabIndex={0}
        onKeyDown={(event) => press(event)}
      />
      {problem !== '' && <p class="plate">{problem}</p>}
      <div class="zoom">
        <button type="button" aria-label="Zoom in" onClick={() => stage.value?.move({ zoom: 1 / ZOOM })}>
          +
        </button>
        <button type="button" aria-label="Zoom out" onClick={() => stage.value?.move({ zoom: ZOOM })}>
          −
        </button>
        <button type="button" aria-label="Show all" onClick={() => stage.value?.reset()}>
          ⤢
        </button>
      </div>
    </div>
  );
}

function press(event: KeyboardEvent): void {
  const moves: Readonly<Record<string, { x?: number; y?: number; zoom?: number }>> = {
    ArrowLeft: { x: -STEP },
    ArrowRight: { x: STEP },
    ArrowUp: { y: STEP },
    ArrowDown: { y: -STEP },
    '+': { zoom: 1 / ZOOM },
    '=': { zoom: 1 / ZOOM },
    '-': { zoom: ZOOM },
  };
  const move = moves[event.key];
  if (event.key === '0') stage.value?.reset();
  else if (move) stage.value?.move(move);
  else return;
  event.preventDefault();
}
