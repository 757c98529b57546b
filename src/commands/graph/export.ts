import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Command, Option } from 'commander';
import { GrapevineError, messageOf } from '../../errors.ts';
import { exportCsv } from '../../graph/export/export-csv.ts';
import { exportGraphml } from '../../graph/export/export-graphml.ts';
import { exportJsonl } from '../../graph/export/export-jsonl.ts';
import type { GraphReader } from '../../graph/graph-reader.ts';
import { openGraph } from '../../main.ts';
import { configOf, exitingWith, type SettingOptions, withGraphOption } from '../support/command.ts';
import { formatCount, tell } from '../support/output.ts';

interface ExportOptions extends SettingOptions {
  readonly format: 'jsonl' | 'csv' | 'graphml';
  readonly out: string;
}

const EXAMPLES = `
Examples:
  $ grapevine graph export --format jsonl --out news.jsonl --graph sqlite:news.db
  $ grapevine graph export --format graphml --out news.graphml --graph sqlite:news.db
  $ grapevine graph export --format csv --out news-csv

JSONL holds everything, times included, for graph rebuild. CSV is a folder of files for neo4j-admin, which is told how
to read them at the end.`;

/** Adds `grapevine graph export`. */
export function addGraphExport(graph: Command): void {
  const command = graph
    .command('export')
    .description('write the whole graph as JSON lines, or for other programs: Gephi and its like, a Neo4j of its own')
    .addOption(
      new Option('--format <format>', 'of the files').choices(['jsonl', 'csv', 'graphml']).makeOptionMandatory(),
    )
    .requiredOption('--out <path>', 'the file, or the folder of CSV files; made, and replaced when it is there')
    .addHelpText('after', EXAMPLES)
    .action(exitingWith(exportGraph));
  withGraphOption(command);
}

async function exportGraph({ format, out, ...options }: ExportOptions): Promise<number> {
  await using graph = await openGraph(configOf(options), { mustExist: true });
  try {
    if (format === 'jsonl') await writeWhole(out, exportJsonl(graph.reader));
    else if (format === 'graphml') await writeWhole(out, exportGraphml(graph.reader));
    else await writeCsv(out, graph.reader);
  } catch (error) {
    if (error instanceof GrapevineError) throw error;
    throw new GrapevineError('USAGE', `writing the export to ${out}: ${messageOf(error)}; check --out`, {
      cause: error,
    });
  }
  const { entities, facts } = await graph.reader.stats();
  tell(`${formatCount(entities)} entities and ${formatCount(facts)} facts are in ${out}`);
  return 0;
}

async function writeCsv(folder: string, reader: GraphReader): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { nodes, relationships } = exportCsv(reader);
  for (const { name, lines } of [...nodes, ...relationships]) await writeWhole(join(folder, name), lines);
  const option = (kind: string) => (file: { readonly name: string }) => `--${kind}=${join(folder, file.name)}`;
  const files = [...nodes.map(option('nodes')), ...relationships.map(option('relationships'))];
  tell(`neo4j-admin database import full neo4j --multiline-fields=true ${files.join(' ')}`);
}

/** Under another name until it is whole: an interrupted export is not taken for a graph. */
async function writeWhole(path: string, lines: AsyncIterable<string>): Promise<void> {
  const unfinished = `${path}.part`;
  try {
    await pipeline(Readable.from(lines), createWriteStream(unfinished));
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
