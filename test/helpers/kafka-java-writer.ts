import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureJars, javaCommand } from '../../scripts/servers/jars.mjs';
import { kafkaBrokers } from './kafka-broker.ts';

/**
 * Lets a Java producer write `value-0`, `value-1` and so on, each followed by so many `x`. It compresses with the
 * libraries that most producers use.
 */
export async function writeWithJava(topic: string, compression: string, records: number, padding = 0): Promise<void> {
  const jars = await ensureJars('kafka');
  const args = [await kafkaBrokers(), topic, compression, String(records), String(padding)];
  const source = join(import.meta.dirname, 'KafkaWriter.java');
  await promisify(execFile)(javaCommand(), ['-cp', join(jars, '*'), source, ...args]);
}
