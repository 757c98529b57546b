import { type Command, InvalidArgumentError } from 'commander';
import { GrapevineError } from '../../errors.ts';
import { MAX_PAGE } from '../../graph/page.ts';
import { openGraph } from '../../main.ts';
import { configOf, exitingWith, type SettingOptions, withGraphOption, withJsonOption } from '../support/command.ts';
import { formatCount, printLine } from '../support/output.ts';
import { parseTime } from '../support/time.ts';

interface CoMentionOptions extends SettingOptions {
  readonly type?: string;
  readonly since?: number;
  readonly limit: number;
  readonly json?: boolean;
}

const MORE = `
Two names in one post are no fact about the two, so these numbers are nowhere else. The newest 1,000 posts of the
entity count, and of each post the first eight entities.

Example:
  $ grapevine graph co-mentions "Harbour Robotics" --type ORG --since 30d`;

/** Adds `grapevine graph co-mentions`. */
export function addGraphCoMentions(graph: Command): void {
  const command = graph
    .command('co-mentions')
    .description('count which entities the posts about one name beside it')
    .argument('<name>', 'of the entity, as posts write it')
    .option('--type <type>', 'of the entity; without it the one with most mentions is meant')
    .option('--since <time>', 'posts published at this time or later: a date, or an age such as 24h, 7d', parseTime)
    .option('--limit <number>', `most entities, 1 to ${MAX_PAGE}`, parseLimit, 20)
    .addHelpText('after', MORE)
    .action(exitingWith(printCoMentions));
  withJsonOption(withGraphOption(command));
}

async function printCoMentions(name: string, { type, since, limit, json, ...options }: CoMentionOptions) {
  await using graph = await openGraph(configOf(options), { mustExist: true });
  const entity = await graph.reader.entityByName(name, type);
  if (!entity) throw new GrapevineError('USAGE', `counting co-mentions: no post names ${JSON.stringify(name)} so`);
  const found = (await graph.reader.coMentions(entity.id, since)).slice(0, limit);
  const others = await graph.reader.entitiesById(found.map((other) => other.entityId));
  for (const [index, { entityId: id, posts, days }] of found.entries()) {
    const other = others[index];
    const label = `${other?.name ?? id} (${other?.type ?? 'gone'})`;
    await printLine(
      json
        ? JSON.stringify({ id, name: other?.name, type: other?.type, posts, days })
        : `${formatCount(posts).padStart(6)}  ${label}`,
    );
  }
  return 0;
}

function parseLimit(value: string): number {
  const limit = Number(value);
  if (/^\d+$/.test(value) && limit >= 1 && limit <= MAX_PAGE) return limit;
  throw new InvalidArgumentError(`expected a number from 1 to ${MAX_PAGE}`);
}
