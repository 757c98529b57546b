import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { faultOf } from '../../faults/faults/catalogue.ts';
import { MUTANTS, mutate } from '../../faults/mutants/mutate.ts';

const text = (file: string) => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');

test.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))('mutant %s fits the code as it is', (_, mutant) => {
  expect(mutate(text(mutant.file), mutant)).not.toBe(text(mutant.file));
  expect(faultOf(mutant.fault).name).toBe(mutant.fault);
});

test('a mutant whose text has gone says so', () => {
  const [mutant] = MUTANTS;
  if (!mutant) throw new Error('there are no mutants');
  expect(() => mutate('other code', mutant)).toThrow(mutant.file);
});
