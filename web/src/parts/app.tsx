import { isFeedOpen } from '../state/alerts.ts';
import { view } from '../state/page.ts';
import { AlertFeed } from './alert-feed.tsx';
import { ChoiceBar } from './choice-bar.tsx';
import { DetailPanel } from './detail-panel.tsx';
import { FactTable } from './fact-table.tsx';
import { FilterPanel } from './filter-panel.tsx';
import { Notices } from './notices.tsx';
import { PathBar } from './path-bar.tsx';
import { PostStream } from './post-stream.tsx';
import { StageView } from './stage-view.tsx';
import { TopBar } from './top-bar.tsx';
import { Trending } from './trending.tsx';
import { WatchDialog } from './watch-dialog.tsx';

/** On a phone the graph comes first; the filters open when they are wanted. */
const isWide = matchMedia('(width >= 60rem)').matches;

/** The page. */
export function App() {
  return (
    <>
      <TopBar />
      <main>
        <nav class="side" aria-label="Filters">
          <details open={isWide}>
            <summary>Filters</summary>
            <FilterPanel />
          </details>
        </nav>
        <section class="middle" aria-label="Graph">
          <Notices />
          <PathBar />
          {view.value.shape === 'graph' ? <StageView /> : <FactTable />}
          <ChoiceBar />
        </section>
        <div class="right">
          {view.value.selected === '' && !isFeedOpen.value && <Trending />}
          <DetailPanel />
          {view.value.selected === '' && isFeedOpen.value && <AlertFeed />}
          {view.value.selected === '' && !isFeedOpen.value && (
            <section class="posts" aria-label="Newest posts">
              <h2>Newest posts</h2>
              <PostStream />
            </section>
          )}
        </div>
      </main>
      <WatchDialog />
    </>
  );
}
