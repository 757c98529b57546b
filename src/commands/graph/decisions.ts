import type { Command } from 'commander';
import type { Decision } from '../../domain/decision.ts';
import type { GraphReader } from '../../graph/graph-reader.ts';
import { inForce } from '../../graph/plan/resolution.ts';
import { readDecisions } from '../../graph/read-decisions.ts';
import { findEntity } from '../../graph/resolve/find-entity.ts';
import { openGraph } from '../../main.ts';
import { configOf, exitingWith, type SettingOptions, withGraphOption, withJsonOption } from '../support/command.ts';
import { onOneLine, printLine } from '../support/output.ts';

interface DecisionOptions extends SettingOptions {
  readonly type?: string;
  readonly json?: boolean;
}

const MORE = `
Each has an id, which \`grapevine graph undo\` takes. Those in brackets were taken back.

Examples:
  $ grapevine graph decisions
  $ grapevine graph decisions "International Business Machines" --json`;

/** Adds `grapevine graph decisions`. */
export function addGraphDecisions(graph: Command): void {
  const command = graph
    .command('decisions')
    .description('print what was decided about entities and facts, oldest first')
    .argument('[name]', 'of an entity, or its id; without it all')
    .option('--type <type>', 'of the entity, where several have one name')
    .addHelpText('after', MORE)
    .action(exitingWith(printDecisions));
  withJsonOption(withGraphOption(command));
}

async function printDecisions(name: string | undefined, options: DecisionOptions): Promise<number> {
  await using graph = await openGraph(configOf(options), { mustExist: true });
  const log = await read(graph.reader, name, options.type);
  const standing = new Set(inForce(log).map(({ id }) => id));
  for (const decision of log) {
    const isInForce = standing.has(decision.id);
    await printLine(
      options.json ? JSON.stringify({ ...decision, isInForce }) : await toText(graph.reader, decision, isInForce),
    );
  }
  return 0;
}

async function read(reader: GraphReader, name: string | undefined, type: string | undefined) {
  if (name !== undefined) {
    const entity = await findEntity(reader, { name, type, doing: 'listing decisions' });
    const parts = await reader.partsOf(entity.id);
    return reader.decisionsAbout([entity.id, ...parts.map(({ id }) => id)]);
  }
  return readDecisions(reader);
}

async function toText(reader: GraphReader, decision: Decision, isInForce: boolean): Promise<string> {
  const what = await whatOf(reader, decision);
  const because = decision.reason === null ? '' : `: ${decision.reason}`;
  const line = onOneLine(`${new Date(decision.atMs).toISOString()}  ${decision.id}  ${what}${because}`);
  return isInForce ? line : `[${line}]`;
}

async function whatOf(reader: GraphReader, decision: Decision): Promise<string> {
  switch (decision.kind) {
    case 'merge':
      return `merge ${label(decision.from)} into ${label(decision.into)}`;
    case 'split':
      return `split ${label(decision.entity)} off`;
    case 'distinct':
      return `apart ${label(decision.a)} and ${label(decision.b)}`;
    case 'identify':
      return `identify ${label(decision.entity)} as ${decision.externalId}`;
    case 'reject': {
      const [head, tail] = await reader.entitiesById([decision.headId, decision.tailId]);
      return `reject ${head?.name ?? decision.headId} ${decision.type} ${tail?.name ?? decision.tailId}`;
    }
    case 'undo':
      return `undo ${decision.decisionId}`;
    default:
      return decision satisfies never;
  }
}

function label({ normName, type }: { readonly normName: string; readonly type: string }): string {
  return `${normName} (${type})`;
}
