import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../fault-run.ts';
import { consumerMutants } from './consumer-mutants.ts';
import { graphMutants } from './graph-mutants.ts';
import type { Mutant } from './mutant.ts';

/** Every defence that a run must miss. */
export const MUTANTS: readonly Mutant[] = [...consumerMutants, ...graphMutants];

/** The mutant of a name. */
export function mutantOf(name: string): Mutant {
  const mutant = MUTANTS.find((known) => known.name === name);
  if (!mutant) {
    throw new RangeError(`there is no mutant ${name}; there are ${MUTANTS.map((known) => known.name).join(', ')}`);
  }
  return mutant;
}

/** Gives the text of the mutant's file. @throws when the code has moved on and the mutant must follow */
export function mutate(text: string, { name, file, edits }: Mutant): string {
  return edits.reduce((changed, [from, to]) => {
    const [before, after, ...more] = changed.split(from);
    if (before === undefined || after === undefined || more.length > 0) {
      throw new Error(`mutant ${name} wants to change a text of ${file} that is not there exactly once: ${from}`);
    }
    return before + to + after;
  }, text);
}

/** A copy of the code that workers run, with one mutant in it; gone when it is disposed of. */
export async function mutatedCode(mutant: Mutant): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), `grapevine-mutant-${mutant.name}-`));
  for (const part of ['src', 'test/faults', 'package.json', 'tsconfig.json']) {
    await cp(join(ROOT, part), join(folder, part), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const path = join(folder, mutant.file);
  await writeFile(path, mutate(await readFile(path, 'utf8'), mutant));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
