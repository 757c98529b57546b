import type { Bar } from '../data/details.ts';
import { counted, moment } from '../text/words.ts';

const HEIGHT = 24;

/** When something was mentioned. */
export function Activity({ bars }: { bars: readonly Bar[] }) {
  const [first] = bars;
  const last = bars.at(-1);
  const most = Math.max(0, ...bars.map(({ mentions }) => mentions));
  if (!first || !last || bars.length < 2 || most === 0) return null;
  const sum = bars.reduce((all, { mentions }) => all + mentions, 0);
  const label = `${counted(sum, 'mention')} from ${moment(first.start)} on, at most ${most} at a time, the last after ${moment(last.start)}`;
  return (
    <svg
      class="activity"
      viewBox={`0 0 ${bars.length * 4} ${HEIGHT}`}
      role="img"
      aria-label={label}
      preserveAspectRatio="none"
    >
      {bars.map(({ start, mentions }, i) => {
        const height = (HEIGHT * mentions) / most;
        return <rect key={start} x={i * 4} y={HEIGHT - height} width="3" height={height} />;
      })}
    </svg>
  );
}
