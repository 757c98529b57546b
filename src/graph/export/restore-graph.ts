import { GrapevineError } from '../../errors.ts';
import type { GraphReader } from '../graph-reader.ts';
import type { GraphStore } from '../graph-store.ts';
import { type GraphRecord, parseRecord } from './graph-record.ts';

/** What was put back. */
export interface Restored {
  /** Tombstones included. */
  readonly posts: number;
  readonly facts: number;
}

const RECORDS_PER_CALL = 500;

/** @throws {USAGE} when a graph holds anything, and so is nothing to put an export into. */
export async function requireEmpty(reader: Pick<GraphReader, 'digestLines'>): Promise<void> {
  for await (const _ of reader.digestLines()) {
    throw new GrapevineError('USAGE', 'rebuilding the graph: it holds something already; name a new one with --graph');
  }
}

/**
 * Takes the lines of an export, one after the other, and puts them into an empty graph.
 *
 * Errors: INPUT_UNREADABLE for a line that is none of an export, and at the end for an export that is not whole. What
 * was put into the graph until then stays there.
 */
export class GraphRestorer {
  readonly #store: Pick<GraphStore, 'restore'>;
  #waiting: GraphRecord[] = [];
  #first = true;
  #posts = 0;
  #facts = 0;
  #end: Restored | undefined;

  constructor(store: Pick<GraphStore, 'restore'>) {
    this.#store = store;
  }

  /** @param position where the line stands, for messages */
  async add(text: string, position: string): Promise<void> {
    const record = parseRecord(text, position);
    if (this.#first !== (record.line === 'graph')) throw broken(`${position} is out of place`);
    this.#first = false;
    if (record.line === 'post') this.#posts++;
    if (record.line === 'fact') this.#facts++;
    if (record.line === 'end') this.#end = record;
    this.#waiting.push(record);
    if (this.#waiting.length >= RECORDS_PER_CALL) await this.#flush();
  }

  async finish(): Promise<Restored> {
    await this.#flush();
    const found = { posts: this.#posts, facts: this.#facts };
    if (this.#end?.posts !== found.posts || this.#end.facts !== found.facts) throw broken('it is not whole');
    return found;
  }

  async #flush(): Promise<void> {
    if (this.#waiting.length > 0) await this.#store.restore(this.#waiting);
    this.#waiting = [];
  }
}

function broken(found: string): GrapevineError {
  return new GrapevineError('INPUT_UNREADABLE', `reading the export: ${found}; export again into a new file`);
}
