import { type Command, InvalidArgumentError } from 'commander';
import { diffGraphs } from '../../graph/diff.ts';
import { openGraph } from '../../main.ts';
import { configOf, exitingWith, withJsonOption } from '../support/command.ts';
import { formatCount, printLine, tell } from '../support/output.ts';

/** Adds `grapevine graph diff`. */
export function addGraphDiff(graph: Command): void {
  const diff = graph
    .command('diff')
    .description('print what one graph holds and another does not; exit code 1 where they differ')
    .argument('<left>', 'sqlite:PATH, neo4j://HOST:PORT or bolt://HOST:PORT')
    .argument('<right>', 'another one; both may be of either kind')
    .option('--limit <number>', 'most differences that are printed; all are counted', parseLimit, 100)
    .addHelpText('after', '\nExample:\n  $ grapevine graph diff sqlite:news.db neo4j://127.0.0.1:7687')
    .action(exitingWith(printDiff));
  withJsonOption(diff);
}

async function printDiff(
  left: string,
  right: string,
  options: { readonly limit: number; readonly json?: boolean },
): Promise<number> {
  await using one = await openGraph(configOf({ graph: left }), { mustExist: true });
  await using other = await openGraph(configOf({ graph: right }), { mustExist: true });
  let count = 0;
  for await (const difference of diffGraphs(one.reader, other.reader)) {
    if (++count > options.limit) continue;
    const { side, line } = difference;
    await printLine(
      options.json ? JSON.stringify({ side, ...toFields(line) }) : `${side === 'left' ? '<' : '>'} ${line}`,
    );
  }
  if (count > options.limit) tell(`and ${formatCount(count - options.limit)} more; --limit shows them`);
  if (!options.json) tell(count === 0 ? 'the graphs are equal' : `${formatCount(count)} lines differ`);
  return count === 0 ? 0 : 1;
}

/** The fields of a line; what it is about stands in `kind`. */
function toFields(line: string): Record<string, unknown> {
  const { line: kind, ...fields } = JSON.parse(line) as Record<string, unknown>;
  return { kind, ...fields };
}

function parseLimit(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('expected a number');
  return Number(value);
}
