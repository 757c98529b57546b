import { type Command, InvalidArgumentError, Option } from 'commander';
import type { MergeSuggestion, SuggestionKind } from '../../domain/suggestion.ts';
import { findEntity } from '../../graph/resolve/find-entity.ts';
import { acceptSuggestion } from '../../graph/suggest/accept-suggestion.ts';
import { allSuggestions } from '../../graph/suggest/all-suggestions.ts';
import { suggestMerges } from '../../graph/suggest/suggest-merges.ts';
import { openGraph } from '../../main.ts';
import { configOf, exitingWith, type SettingOptions, withGraphOption, withJsonOption } from '../support/command.ts';
import { formatCount, onOneLine, printLine, tell } from '../support/output.ts';
import { listenForShutdown, type Shutdown } from '../support/shutdown.ts';

interface SuggestionOptions extends SettingOptions {
  readonly type?: string;
  readonly reason?: SuggestionKind;
  readonly minScore: number;
  readonly acceptAbove?: number;
  readonly json?: boolean;
}

type OpenedGraph = Awaited<ReturnType<typeof openGraph>>;

const REASONS = {
  other_type: 'the same name under two types; the score is the share of mentions that the more frequent one has',
  alternate_names: 'posts say that one is another name of the other; the score is the confidence of that fact',
  handle: 'an account has the one as its handle and the other as its name',
  acronym: 'one is the acronym of the other, and of no other of its type',
  part_of_name: 'the words of one are among those of the other, and both have facts with the same entities',
  external_id: 'another catalogue has one entry for both',
} satisfies Record<SuggestionKind, string>;

const ENTITIES_PER_LINE = 10_000;

const MORE = `
Reasons:
${Object.entries(REASONS)
  .map(([kind, what]) => `  ${kind.padEnd(16)} ${what}`)
  .join('\n')}

Nothing is merged without --accept-above. What it merges can be taken back (\`grapevine graph undo\`), and a pair that was
taken back, or that \`grapevine graph apart\` names, is not merged again.

Examples:
  $ grapevine graph suggestions --min-score 0.8
  $ grapevine graph suggestions "Mara Lindqvist" --json
  $ grapevine graph suggestions --reason other_type --accept-above 0.95`;

/** Adds `grapevine graph suggestions`. */
export function addGraphSuggestions(graph: Command): void {
  const command = graph
    .command('suggestions')
    .description('print which entities may be one and why, and merge those that are likely enough')
    .argument('[name]', 'of an entity, or its id; without it all entities are looked at')
    .option('--type <type>', 'of the entity, where several have one name')
    .addOption(new Option('--reason <kind>', 'only those with this reason').choices(Object.keys(REASONS)))
    .option('--min-score <score>', 'only those with this score or more, 0 to 1', parseScore, 0)
    .option('--accept-above <score>', 'merge those with this score or more, 0 to 1', parseScore)
    .addHelpText('after', MORE)
    .action(exitingWith(suggest));
  withJsonOption(withGraphOption(command));
}

async function suggest(name: string | undefined, options: SuggestionOptions): Promise<number> {
  const config = configOf(options);
  const shutdown = listenForShutdown(config.DRAIN_MS);
  await using graph = await openGraph(config, { mustExist: true });
  const accept = options.acceptAbove;
  const counts = { found: 0, merged: 0, left: 0 };
  const found: MergeSuggestion[] = [];
  for await (const suggestion of suggestionsOf(graph, name, options)) {
    if (shutdown.signal.aborted) break;
    if (suggestion.score < options.minScore) continue;
    if (options.reason && !suggestion.reasons.some(({ kind }) => kind === options.reason)) continue;
    counts.found++;
    if (accept !== undefined && suggestion.score >= accept) found.push(suggestion);
    else await print(suggestion, options.json === true);
  }
  await acceptAll(graph, found, counts, options.json === true, shutdown);
  if (!options.json)
    tell(
      `${formatCount(counts.found)} suggestions` +
        (accept === undefined ? '' : `, ${formatCount(counts.merged)} merged, ${formatCount(counts.left)} left alone`),
    );
  return shutdown.exitCode() ?? 0;
}

async function* suggestionsOf(
  { reader }: OpenedGraph,
  name: string | undefined,
  { type, json }: SuggestionOptions,
): AsyncGenerator<MergeSuggestion> {
  if (name !== undefined) {
    yield* await suggestMerges(reader, await findEntity(reader, { name, type, doing: 'suggesting merges' }));
    return;
  }
  yield* allSuggestions(reader, (done) => {
    if (!json && done % ENTITIES_PER_LINE === 0) tell(`${formatCount(done)} entities looked at`);
  });
}

/** Best first, each entity once: a merge changes what speaks for the others, which the next run looks at. */
async function acceptAll(
  graph: OpenedGraph,
  found: readonly MergeSuggestion[],
  counts: { merged: number; left: number },
  json: boolean,
  { signal }: Shutdown,
): Promise<void> {
  const taken = new Set<string>();
  for (const suggestion of found.toSorted((a, b) => b.score - a.score)) {
    if (signal.aborted) return;
    const ends = [suggestion.from.id, suggestion.into.id];
    const accepted = ends.some((id) => taken.has(id))
      ? { outcome: 'changed' as const }
      : await acceptSuggestion(graph, suggestion);
    if (accepted.outcome === 'merged') for (const id of ends) taken.add(id);
    counts[accepted.outcome === 'merged' ? 'merged' : 'left']++;
    const decision = accepted.outcome === 'merged' ? accepted.decided.decision.id : undefined;
    await print(suggestion, json, { outcome: accepted.outcome, ...(decision === undefined ? {} : { decision }) });
  }
}

async function print(
  { from, into, score, reasons }: MergeSuggestion,
  json: boolean,
  accepted?: { readonly outcome: string; readonly decision?: string },
): Promise<void> {
  if (json) {
    const bare = ({ id, type, name }: MergeSuggestion['from']) => ({ id, type, name });
    await printLine(JSON.stringify({ from: bare(from), into: bare(into), score, reasons, ...accepted }));
    return;
  }
  const label = ({ name, type }: MergeSuggestion['from']) => `${name} (${type})`;
  const outcome = accepted ? `${accepted.decision ?? accepted.outcome}  ` : '';
  const why = reasons.map(({ kind, detail }) => `${kind}, ${detail}`).join('; ');
  await printLine(onOneLine(`${score.toFixed(2)}  ${outcome}${label(from)} is ${label(into)}: ${why}`));
}

function parseScore(value: string): number {
  const score = Number(value);
  if (/^[\d.]+$/.test(value) && score >= 0 && score <= 1) return score;
  throw new InvalidArgumentError('expected a number from 0 to 1');
}
