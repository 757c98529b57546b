import { once } from 'node:events';
import type { Command } from 'commander';
import { openApi, openExtractorLater, openGraph, openRelay, openTelemetry } from '../main.ts';
import { openAlerting } from '../main-alerts.ts';
import { configOf, exitingWith, type SettingOptions, withGraphOption, withModelOptions } from './support/command.ts';
import { printLine } from './support/output.ts';
import { listenForShutdown } from './support/shutdown.ts';

/** Adds `grapevine serve`. */
export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .description('show the graph at / and answer GraphQL at /graphql')
    .option('--host <address>', 'address to listen on (HOST; default 127.0.0.1)')
    .option('--port <number>', 'port to listen on, 0 for a free one (PORT; default 4000)')
    .addHelpText('after', '\nExample:\n  $ grapevine serve --graph sqlite:news.db --port 4000')
    .action(exitingWith(serve));
  withModelOptions(withGraphOption(command));
}

async function serve(options: SettingOptions): Promise<number> {
  const config = configOf(options);
  const telemetry = openTelemetry(config);
  const shutdown = listenForShutdown(config.DRAIN_MS);
  await using graph = await openGraph(config);
  // Events written by a process that ended before it could publish them still reach the subscribers.
  await using relay = openRelay(graph.store, config, telemetry);
  await using alerting = openAlerting(graph, config, telemetry);
  // Where Kafka is, consumers decide: a server without their file of rules would decide without them.
  if (config.ALERT_RULES !== undefined || config.KAFKA_BROKERS === undefined) alerting.start();
  await using extractor = openExtractorLater(config, telemetry, shutdown.abandon);
  const onCommit = () => relay.nudge();
  await using api = await openApi({ graph, alerting, config, telemetry, extractor, throughKafka: true, onCommit });
  await printLine(`GraphQL and GraphiQL: ${api.url}/graphql`);
  await printLine(`Page: ${api.url}/`);
  if (!shutdown.signal.aborted) await once(shutdown.signal, 'abort');
  return shutdown.exitCode() ?? 0;
}
