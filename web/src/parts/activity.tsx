import { counted, moment } from '../text/words.ts';

const BARS = 24;

/** When something was mentioned: how often in each of equal spans of time. */
export function Activity({ times }: { times: readonly number[] }) {
  const sorted = times.filter((time) => !Number.isNaN(time)).sort((a, b) => a - b);
  const [first] = sorted;
  const last = sorted.at(-1);
  if (first === undefined || last === undefined || sorted.length < 2) return null;
  const width = Math.max(1, (last - first) / BARS);
  const bars = Array.from({ length: BARS }, () => 0);
  for (const time of sorted) {
    const i = Math.min(BARS - 1, Math.floor((time - first) / width));
    bars[i] = (bars[i] ?? 0) + 1;
  }
  const most = Math.max(...bars);
  const title = `${counted(sorted.length, 'mention')} from ${moment(first)} to ${moment(last)}, at most ${most} at a time`;
  return (
    <svg class="activity" viewBox={`0 0 ${BARS * 4} 24`} role="img" aria-label={title} preserveAspectRatio="none">
      {bars.map((n, i) => (
        <rect key={i} x={i * 4} y={24 - (22 * n) / most} width="3" height={(22 * n) / most} />
      ))}
    </svg>
  );
}
