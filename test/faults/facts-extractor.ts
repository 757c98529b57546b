import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Mention, Relation } from '../../src/domain/extraction.ts';
import { GrapevineError } from '../../src/errors.ts';
import type { Extractor, ExtractorInput, ReadImage } from '../../src/model/extractor.ts';

const MENTION = /\[([A-Z]+):([^\]]+)\]/g;
const RELATION = /\{(\d+) (\S+) (\d+)\}/g;
const DELAY = /~(\d+)/;

/** How a text says what a post asserts. */
export const write = {
  mention: (type: string, name: string) => `[${type}:${name}]`,
  relation: (head: number, type: string, tail: number) => `{${head} ${type} ${tail}}`,
  delayMs: (ms: number) => `~${ms}`,
  failure: '!fails',
};

/**
 * Stands in for a model: reads the facts that a text spells out, so that what a run must end in follows from its posts
 * alone. Works as long as the text says, or not at all where `patient` is false.
 */
export function factsExtractor({ patient }: { readonly patient: boolean }): Extractor {
  return {
    info: { bundle: 'facts', generation: 1 },
    languages: [],
    async extract(input) {
      const images = await readImages(input);
      if (patient) await sleep(Number(DELAY.exec(input.text)?.[1] ?? 0));
      if (input.text.includes(write.failure)) throw new GrapevineError('MODEL_FAILED', 'reading a post: it says so');
      return { mentions: mentionsOf(input.text), relations: relationsOf(input.text), images };
    },
    async [Symbol.asyncDispose]() {},
  };
}

async function readImages({ images }: ExtractorInput): Promise<readonly ReadImage[]> {
  const read: ReadImage[] = [];
  for (const load of images) {
    const loaded = await load();
    if ('bytes' in loaded) loaded.release?.();
    read.push('bytes' in loaded ? { outcome: 'ok', sha256: loaded.sha256 } : loaded);
  }
  return read;
}

function mentionsOf(text: string): readonly Mention[] {
  return [...text.matchAll(MENTION)].map(({ index, 1: type = '', 2: name = '' }, id) => {
    const start = index + type.length + 2;
    return { id, start, end: start + name.length, text: name, type, p: 0.9 };
  });
}

/** A relation may name a mention that is not there: such an extraction is for the dead letters of the next stage. */
function relationsOf(text: string): readonly Relation[] {
  return [...text.matchAll(RELATION)].map(({ 0: all, 1: head, 2: type = '', 3: tail }) => {
    return { type, head: Number(head), tail: Number(tail), p: 0.5 + hashed(text + all) / 512 };
  });
}

function hashed(text: string): number {
  return createHash('sha256').update(text).digest()[0] ?? 0;
}
