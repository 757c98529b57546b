import type { Command } from 'commander';
import { makeTopics, openTelemetry } from '../main.ts';
import { configOf, exitingWith, withJsonOption } from './support/command.ts';
import { printLine } from './support/output.ts';

/** Adds `grapevine topics …`. */
export function addTopics(program: Command): void {
  const topics = program.command('topics').description('the Kafka topics between the stages');
  const create = topics
    .command('create')
    .description('make the topics that are missing, with partitions, retention and size limits')
    .addHelpText('after', '\nExample:\n  $ KAFKA_BROKERS=127.0.0.1:9092 grapevine topics create')
    .action(exitingWith(createMissing));
  withJsonOption(create);
}

async function createMissing(options: { readonly json?: boolean }): Promise<number> {
  const config = configOf({});
  for (const report of await makeTopics(config, openTelemetry(config))) {
    const { topic, created, partitions } = report;
    if (options.json) await printLine(JSON.stringify(report));
    else await printLine(`${topic}: ${created ? 'created' : 'was there already'}, ${partitions} partitions`);
  }
  return 0;
}
