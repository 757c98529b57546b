import type { RejectedLines } from '../../consumers/jsonl/rejected-lines.ts';
import { formatCount, tell } from './output.ts';

const SHOWN = 20;

/** Names the first lines that were no posts, with why, and counts the others. */
export function tellRejected(rejected: RejectedLines): void {
  for (const { line, reason, message } of rejected.lines.slice(0, SHOWN))
    tell(`rejected line ${line}: ${reason}: ${message}`);
  const hidden = rejected.total - SHOWN;
  if (hidden > 0) tell(`rejected ${formatCount(hidden)} more lines; LOG_LEVEL=info names each`);
}
