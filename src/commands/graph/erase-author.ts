import type { Command } from 'commander';
import { GrapevineError } from '../../errors.ts';
import { openGraph, openPictures } from '../../main.ts';
import { configOf, exitingWith, type SettingOptions, withGraphOption, withJsonOption } from '../support/command.ts';
import { formatCount, printLine, tell } from '../support/output.ts';

interface EraseOptions extends SettingOptions {
  readonly yes?: boolean;
  readonly json?: boolean;
}

const MORE = `
All posts of the author go, hidden ones too, with what only they supported, its history, and the copies of their pictures in
PICTURE_STORE. Posts that come later stay out. What the topics, exports and backups still hold: docs/operations.md.

Example:
  $ grapevine graph erase-author mastodon https://example.social/users/ada --yes`;

/** Adds `grapevine graph erase-author`. */
export function addGraphEraseAuthor(graph: Command): void {
  const command = graph
    .command('erase-author')
    .description('erase everything an author wrote from the graph, for good')
    .argument('<platform>', 'native, x, bluesky, mastodon or another that the posts name')
    .argument('<id>', 'the id of the author as the platform gives it')
    .option('--yes', 'erase: nothing brings it back')
    .addHelpText('after', MORE)
    .action(exitingWith(eraseAuthor));
  withJsonOption(withGraphOption(command));
}

async function eraseAuthor(platform: string, id: string, options: EraseOptions): Promise<number> {
  if (!options.yes) {
    throw new GrapevineError('USAGE', 'erasing an author: nothing brings the posts back; add --yes to erase them');
  }
  const config = configOf(options);
  await using graph = await openGraph(config, { mustExist: true });
  await using pictures = (await openPictures(config)) ?? null;
  const erased = await graph.store.eraseAuthor({ platform, id }, async (sha256s) => {
    for (const sha256 of pictures ? sha256s : []) await pictures?.delete(sha256);
  });
  if (options.json) await printLine(JSON.stringify({ platform, id, ...erased }));
  else {
    tell(`erased ${formatCount(erased.posts)} posts and ${formatCount(erased.facts)} facts that only they supported`);
    tell(`${formatCount(erased.pictures)} pictures and names in ${formatCount(erased.events)} events went with them`);
  }
  return 0;
}
