// npm run bench: what the service makes of the machine it runs on. docs/performance.md says how it measures and how to read it.
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { benchAlerts } from './alerts.ts';
import { benchApi } from './api.ts';
import { benchGraph } from './graph.ts';
import { build } from './harness/built.ts';
import { findPython, SIZES, type Size } from './harness/bundles.ts';
import { instructionSets, processorName } from './harness/machine.ts';
import { markdownTable, textTable } from './harness/report.ts';
import { benchIngest } from './ingest.ts';
import { benchModel, type ModelReport, QUESTIONS } from './model.ts';
import { benchPage } from './page.ts';
import { benchStream } from './stream.ts';

const PARTS = ['model', 'stream', 'graph', 'api', 'alerts', 'ingest', 'page'] as const;
type Part = (typeof PARTS)[number];

interface Options {
  readonly only?: Part;
  readonly size?: Size;
  readonly ask: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly workers: number;
  readonly inFlight: number;
  readonly tokenBudget?: number;
  readonly bareBudget: number;
  readonly long?: true;
  readonly graphPosts: number;
  readonly apiPosts: number;
  readonly json?: true;
  readonly markdown?: true;
}

const number = (value: string): number => {
  if (!(Number(value) > 0)) throw new InvalidArgumentError('expected a number above zero');
  return Number(value);
};

const program = new Command('bench')
  .description(
    'Measures the model against the paper’s code and against bare onnxruntime, the stream, the graph, the API, alerts, an ingest, and the page.',
  )
  .argument('[file]', 'posts to ingest, JSON lines; the demo’s posts by default')
  .addOption(new Option('--only <part>', 'one part').choices(PARTS))
  .addOption(new Option('--size <size>', 'one size of model').choices(Object.keys(SIZES)))
  .addOption(
    new Option('--ask <question...>', 'some questions about the model')
      .choices(Object.keys(QUESTIONS))
      .default([], 'all'),
  )
  .option('--rounds <n>', 'rounds of all contenders', number, 6)
  .option('--seconds <s>', 'length of a slice', number, 4)
  .option('--workers <n>', 'threads that compute', number, 2)
  .option('--in-flight <n>', 'posts that are read at once; the default is what ships', number, 256)
  .option('--token-budget <n>', 'pieces of a batch of ours', number)
  .option('--bare-budget <n>', 'pieces of a batch of the bare sessions', number, 256)
  .option('--long', 'also what takes long: memory over 200,000 records, graphs of very many posts')
  .option('--graph-posts <n>', 'size of the large graph', number, 1_000_000)
  .option('--api-posts <n>', 'size of the graph that the API serves', number, 100_000)
  .option('--json', 'print JSON')
  .option('--markdown', 'print Markdown tables');

const options = program.parse().opts<Options>();
const tell = (line: string): void => void process.stderr.write(`${line}\n`);
build();
const machine = {
  cpu: processorName(),
  cores: availableParallelism(),
  instructionSets: instructionSets(),
  node: process.version,
};
const wanted = (part: Part) => options.only === undefined || options.only === part;
const models = wanted('model') ? await measureModels() : [];
const stream = wanted('stream') ? await benchStream({ ...options, long: options.long === true, tell }) : undefined;
const graph = wanted('graph') ? await benchGraph({ ...options, long: options.long === true, tell }) : undefined;
const api = wanted('api') ? await benchApi({ ...options, tell }) : undefined;
const alerts = wanted('alerts') ? await benchAlerts({ ...options, tell }) : undefined;
const ingest = wanted('ingest') ? benchIngest(program.args[0]) : undefined;
const page = wanted('page') ? await benchPage({ seconds: 20, long: options.long === true, tell }) : undefined;
process.stdout.write(
  options.json
    ? `${JSON.stringify({ machine, models, stream, graph, api, alerts, ingest, page }, null, 2)}\n`
    : written(),
);

async function measureModels(): Promise<ModelReport[]> {
  const python = findPython();
  if (!python)
    tell('WARNING: no Python with torch (set GRAPEVINE_PYTHON): the authors’ path is emulated or not measured');
  const reports: ModelReport[] = [];
  for (const size of options.size ? [options.size] : (Object.keys(SIZES) as Size[])) {
    const asked = options.ask.length > 0 ? options.ask : Object.keys(QUESTIONS);
    const questions = Object.entries(QUESTIONS).flatMap(([name, question]) => (asked.includes(name) ? [question] : []));
    const { tokenBudget, ...rest } = options;
    const report = await benchModel({ ...rest, tokenBudget, size, python, questions, tell });
    if (report) reports.push(report);
    else
      tell(`SKIPPED: the ${size} size was NOT measured: its bundles are made by Python with torch, and none was found`);
  }
  return reports;
}

function written(): string {
  const table = options.markdown ? markdownTable : textTable;
  const lines = [
    `${machine.cpu}, ${machine.cores} cores, ${machine.instructionSets.join(' ')}, Node ${machine.node}`,
    `${options.rounds} rounds of ${options.seconds} s a contender, ${options.workers} threads, ${options.inFlight} posts in flight`,
  ];
  for (const { size, sections, rates, machineIndex, corpus } of models) {
    lines.push('', `# ${size} size: ${SIZES[size].about}`, corpus);
    if (machineIndex) {
      const { fp32, int8 } = machineIndex;
      lines.push(`machine index, one core: fp32 ${fp32.toFixed(0)} GFLOP/s, int8 ${int8.toFixed(0)} GOP/s`);
    }
    lines.push('', table([...sections, { title: `${size}: posts a second here, for orientation only`, rows: rates }]));
  }
  if (stream) lines.push('', '# stream', '', table(stream));
  if (graph) lines.push('', '# graph', '', table(graph));
  if (api) lines.push('', '# api', '', table(api));
  if (alerts) lines.push('', '# alerts', '', table(alerts));
  if (ingest) lines.push('', '# ingest', JSON.stringify(ingest, null, 2));
  if (page) lines.push('', '# page', JSON.stringify(page, null, 2));
  return `${lines.join('\n')}\n`;
}
