import type { Decision } from '../domain/decision.ts';
import type { GraphReader } from './graph-reader.ts';

/** All decisions, in force or not, oldest first. People take far fewer of them than posts come, so that they are read at once. */
export async function readDecisions(reader: Pick<GraphReader, 'scan'>): Promise<readonly Decision[]> {
  const decisions: Decision[] = [];
  for await (const decision of reader.scan('decisions')) decisions.push(decision);
  return decisions;
}
