/** An event of a browser's trace. Times are microseconds. */
export interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur?: number;
  /** Time that the thread ran; a machine with other work makes `dur` longer, not this. */
  readonly tdur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args?: { readonly name?: string };
}

/** What counts as script and layout. */
const WORK = new Set([
  'FunctionCall',
  'EvaluateScript',
  'FireAnimationFrame',
  'TimerFire',
  'EventDispatch',
  'RunMicrotasks',
  'Layout',
  'UpdateLayoutTree',
  'PrePaint',
]);

/** Milliseconds of script and layout on the page's main thread in each frame of a trace. */
export function mainThreadFrames(events: readonly TraceEvent[]): readonly number[] {
  const main = mainThreadOf(events);
  const own = events.filter(({ pid, tid }) => main?.pid === pid && main.tid === tid);
  // A frame ends when the main thread hands it over.
  const starts = own.filter(({ name, ph }) => name === 'Commit' && ph === 'X').map(({ ts }) => ts);
  starts.sort((a, b) => a - b);
  const works = own
    .filter(({ name, ph, dur }) => ph === 'X' && dur !== undefined && WORK.has(name))
    .sort((a, b) => a.ts - b.ts);
  const frames: number[] = [];
  let at = 0;
  let until = 0;
  for (const [i, start] of starts.entries()) {
    const end = starts[i + 1];
    if (end === undefined) break;
    let sum = 0;
    for (; at < works.length && (works[at]?.ts ?? 0) < end; at++) {
      const { ts = 0, dur = 0, tdur = dur } = works[at] ?? {};
      // What runs within another piece of work is counted with it.
      if (ts >= start && ts >= until) sum += tdur;
      until = Math.max(until, ts + dur);
    }
    frames.push(sum / 1000);
  }
  return frames;
}

/** The renderer's main thread that did most: the page's. */
function mainThreadOf(events: readonly TraceEvent[]): { pid: number; tid: number } | undefined {
  const named = events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const worked = (pid: number, tid: number) => events.filter((event) => event.pid === pid && event.tid === tid).length;
  return named.toSorted((a, b) => worked(b.pid, b.tid) - worked(a.pid, a.tid))[0];
}
