import { view } from '../state/page.ts';
import { DetailPanel } from './detail-panel.tsx';
import { FactTable } from './fact-table.tsx';
import { FilterPanel } from './filter-panel.tsx';
import { Notices } from './notices.tsx';
import { PathBar } from './path-bar.tsx';
import { PostStream } from './post-stream.tsx';
import { StageView } from './stage-view.tsx';
import { TopBar } from './top-bar.tsx';
import { Trending } from './trending.tsx';

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
        </section>
        <div class="right">
          {view.value.selected === '' && <Trending />}
          <DetailPanel />
          <section class="posts" aria-label="Newest posts" hidden={view.value.selected !== ''}>
            <h2>Newest posts</h2>
            {view.value.selected === '' && <PostStream />}
          </section>
        </div>
      </main>
    </>
  );
}
