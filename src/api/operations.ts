import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type GraphQLSchema, parse, specifiedRules, validate } from 'graphql';
import { GrapevineError, messageOf } from '../errors.ts';

/** Documents that clients ask for by the SHA-256 of their text, 64 hex digits. */
export type Operations = ReadonlyMap<string, string>;

const EXTENSION = /\.(graphql|gql)$/;

/** SHA-256 of a document as it is written, 64 hex digits. */
export function operationHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Reads the documents in a folder, a file each, or in a JSON file of documents by hash, as generators of clients write it.
 *
 * @throws {CONFIG_INVALID} naming every document that the schema does not know or whose hash is another.
 */
export function readOperations(path: string, schema: GraphQLSchema): Operations {
  const operations = new Map<string, string>();
  const problems: string[] = [];
  for (const { place, hash, text } of documentsAt(path)) {
    const found = operationHash(text);
    if (hash !== undefined && hash !== found) problems.push(`${place}: its SHA-256 is ${found}`);
    problems.push(...faultsOf(text, schema).map((fault) => `${place}: ${fault}`));
    operations.set(found, text);
  }
  if (problems.length > 0) throw unusable(path, problems.join('\n  '));
  return operations;
}

interface Document {
  readonly place: string;
  readonly text: string;
  /** The hash it is kept under, where it is. */
  readonly hash?: string;
}

function documentsAt(path: string): readonly Document[] {
  try {
    if (!statSync(path).isDirectory()) return documentsIn(path);
    const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => EXTENSION.test(name));
    return files.sort().map((name) => ({ place: name, text: readFileSync(join(path, name), 'utf8') }));
  } catch (error) {
    throw error instanceof GrapevineError ? error : unusable(path, messageOf(error), error);
  }
}

function documentsIn(path: string): readonly Document[] {
  const byHash: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const entries = typeof byHash === 'object' && byHash !== null ? Object.entries(byHash) : [];
  if (Array.isArray(byHash) || entries.some(([, text]) => typeof text !== 'string')) {
    throw unusable(path, 'expected an object of documents by their SHA-256');
  }
  return entries.map(([hash, text]) => ({ place: hash, hash: hash.replace(/^sha256:/, ''), text: String(text) }));
}

function faultsOf(text: string, schema: GraphQLSchema): readonly string[] {
  try {
    return validate(schema, parse(text), specifiedRules).map(({ message }) => message);
  } catch (error) {
    return [messageOf(error)];
  }
}

function unusable(path: string, problem: string, cause?: unknown): GrapevineError {
  return new GrapevineError('CONFIG_INVALID', `reading the operations in ${path} (API_OPERATIONS):\n  ${problem}`, {
    cause,
  });
}
