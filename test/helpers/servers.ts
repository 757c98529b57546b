import { dockerAvailable, startInDocker } from '../../scripts/servers/docker.mjs';
import { available } from '../../scripts/servers/jars.mjs';
import { startKafka } from '../../scripts/servers/kafka.mjs';
import { startNeo4j } from '../../scripts/servers/neo4j.mjs';

/**
 * Starts the real Kafka and Neo4j once for all tests, unless the environment names its own (`KAFKA_BROKERS`,
 * `GRAPH_URL` with a neo4j or bolt URL) or only unit tests were asked for.
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  const filters = process.argv.slice(3).filter((argument) => !argument.startsWith('-'));
  if (filters.length > 0 && filters.every((filter) => filter.includes('unit'))) return undefined;
  const needsKafka = !process.env['KAFKA_BROKERS'];
  const needsNeo4j = !/^(neo4j|bolt)/.test(process.env['GRAPH_URL'] ?? '');
  if (!needsKafka && !needsNeo4j) return undefined;
  const possible = available();
  if (!possible.ok && dockerAvailable()) {
    const { env, stop } = await startInDocker();
    Object.assign(process.env, env);
    return stop;
  }
  if (!possible.ok) {
    if (process.env['CI'] === 'true') throw new Error(`CI must run every test, but ${possible.reason}`);
    process.stderr.write(
      `\nSKIPPED: every test that needs Kafka or Neo4j. ${possible.reason} A Docker engine would do too, or KAFKA_BROKERS and GRAPH_URL in the environment.\n\n`,
    );
    return undefined;
  }
  const [kafka, neo4j] = await Promise.all([
    needsKafka ? startKafka() : undefined,
    needsNeo4j ? startNeo4j() : undefined,
  ]);
  if (kafka) process.env['KAFKA_BROKERS'] = kafka.brokers;
  if (neo4j) {
    process.env['GRAPH_URL'] = neo4j.url;
    process.env['NEO4J_USERNAME'] = neo4j.username;
    process.env['NEO4J_PASSWORD'] = neo4j.password;
  }
  return async () => {
    await Promise.all([kafka?.stop(), neo4j?.stop()]);
  };
}
