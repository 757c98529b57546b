import { isFeedOpen, unread } from '../state/alerts.ts';
import { connection, paused, setPaused, waiting } from '../state/live.ts';
import { canUndo, changeView, undo, view } from '../state/page.ts';
import { isDark, switchScheme } from '../state/scheme.ts';
import { rate, stats } from '../state/stream.ts';
import { count } from '../text/words.ts';
import { ExportMenu } from './export-menu.tsx';
import { PreviewDialog } from './preview-dialog.tsx';
import { SearchBox } from './search-box.tsx';

/** Search, how the stream runs, and what concerns the whole page. */
export function TopBar() {
  const { shape } = view.value;
  return (
    <header class="top">
      <h1>Grapevine</h1>
      <SearchBox />
      <Pulse />
      <div class="tools">
        <button type="button" aria-pressed={paused.value} onClick={() => setPaused(!paused.value)}>
          {paused.value ? `Catch up${waiting.value > 0 ? ` (${count(waiting.value)})` : ''}` : 'Pause'}
        </button>
        <button type="button" disabled={!canUndo.value} onClick={undo}>
          Undo
        </button>
        <button type="button" onClick={() => changeView({ shape: shape === 'graph' ? 'table' : 'graph' })}>
          {shape === 'graph' ? 'Table' : 'Graph'}
        </button>
        <AlertsButton />
        <ExportMenu />
        <PreviewDialog />
        <button type="button" onClick={switchScheme}>
          {isDark.value ? 'Light' : 'Dark'}
        </button>
      </div>
    </header>
  );
}

function AlertsButton() {
  const open = () => {
    // What is looked at stands where the alerts would: they come to the front.
    isFeedOpen.value = view.value.selected !== '' || !isFeedOpen.value;
    changeView({ selected: '' });
  };
  return (
    <button type="button" aria-pressed={isFeedOpen.value} onClick={open}>
      Alerts
      <span aria-live="polite">
        {unread.value > 0 && (
          <span class="badge">
            {count(unread.value)}
            <span class="unseen"> new</span>
          </span>
        )}
      </span>
    </button>
  );
}

function Pulse() {
  const sizes = stats.value;
  const { kind } = connection.value;
  return (
    <p class="rate">
      <span class={`lamp is-${paused.value ? 'paused' : kind}`} aria-hidden="true" />
      <span class="unseen">{paused.value ? 'paused' : kind}, </span>
      {rate.value !== undefined && <span title="Posts that came in lately">{rate.value.toFixed(1)} posts/s</span>}
      {sizes && (
        <span class="quiet">
          {count(sizes.posts)} posts · {count(sizes.entities)} entities · {count(sizes.facts)} links
        </span>
      )}
    </p>
  );
}
