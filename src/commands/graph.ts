import type { Command } from 'commander';
import { addGraphAliases } from './graph/aliases.ts';
import { addGraphCoMentions } from './graph/co-mentions.ts';
import { addGraphDecisions } from './graph/decisions.ts';
import { addGraphDiff } from './graph/diff.ts';
import { addGraphDigest } from './graph/digest.ts';
import { addGraphEraseAuthor } from './graph/erase-author.ts';
import { addGraphExport } from './graph/export.ts';
import { addGraphMigrate } from './graph/migrate.ts';
import { addGraphPrune } from './graph/prune.ts';
import { addGraphRebuild } from './graph/rebuild.ts';
import { addGraphRulings } from './graph/rulings.ts';
import { addGraphSuggestions } from './graph/suggestions.ts';

/** What `grapevine graph` can do, in the order of its help. */
const COMMANDS = [
  addGraphDigest,
  addGraphDiff,
  addGraphExport,
  addGraphMigrate,
  addGraphEraseAuthor,
  addGraphRebuild,
  addGraphPrune,
  addGraphCoMentions,
  addGraphRulings,
  addGraphDecisions,
  addGraphSuggestions,
  addGraphAliases,
];

/** Adds `grapevine graph …`. */
export function addGraph(program: Command): void {
  const graph = program.command('graph').description('look at the graph as a whole, and decide what is one in it');
  for (const add of COMMANDS) add(graph);
}
