import type { Command } from 'commander';
import { digest as digestOf } from '../../graph/digest.ts';
import { openGraph } from '../../main.ts';
import { configOf, exitingWith, type SettingOptions, withGraphOption, withJsonOption } from '../support/command.ts';
import { printLine } from '../support/output.ts';

/** Adds `grapevine graph digest`. */
export function addGraphDigest(graph: Command): void {
  const digest = graph
    .command('digest')
    .description('print one hash of what the graph holds: equal graphs, equal hashes')
    .addHelpText('after', '\nExample:\n  $ grapevine graph digest --graph sqlite:news.db')
    .action(exitingWith(printDigest));
  withJsonOption(withGraphOption(digest));
}

async function printDigest(options: SettingOptions & { readonly json?: boolean }): Promise<number> {
  await using graph = await openGraph(configOf(options), { mustExist: true });
  const digest = await digestOf(graph.reader);
  await printLine(options.json ? JSON.stringify({ digest, ...(await graph.reader.stats()) }) : digest);
  return 0;
}
