import { faultOf } from '../faults/catalogue.ts';
import type { Ground } from '../ground.ts';
import type { Ledger } from '../ledger.ts';
import { runFaults } from '../run-faults.ts';
import type { Mutant } from './mutant.ts';
import { mutatedCode } from './mutate.ts';

/** Runs a mutant under its fault. It is noticed when the run says what it must say then. */
export async function hunt(
  mutant: Mutant,
  ground: Ground,
  seed: number,
): Promise<{ readonly ledger: Ledger; readonly isNoticed: boolean }> {
  await using code = await mutatedCode(mutant);
  const faults = [faultOf(mutant.fault)];
  const ledger = await runFaults({ ground, seed, faults, code: code.folder, mutant: mutant.name });
  return { ledger, isNoticed: ledger.problems.some((problem) => mutant.shows.test(problem)) };
}
