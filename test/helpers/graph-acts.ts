import type { Decision, Ruling } from '../../src/domain/decision.ts';
import type { Extraction } from '../../src/domain/extraction.ts';
import { GrapevineError } from '../../src/errors.ts';
import type { GraphReader } from '../../src/graph/graph-reader.ts';
import type { GraphStore, UpsertOutcome } from '../../src/graph/graph-store.ts';

/** One thing that is done to a graph: a record is applied, an author of platform `native` erased, or a decision taken. */
export type Act = Extraction | { readonly erase: string } | { readonly decide: Ruling; readonly id: string };

/** The records among acts. */
export function recordsOf(acts: readonly Act[]): readonly Extraction[] {
  return acts.filter((act): act is Extraction => !('erase' in act || 'decide' in act));
}

/** The authors that acts erase. */
export function erasedBy(acts: readonly Act[]): readonly string[] {
  return acts.flatMap((act) => ('erase' in act ? [act.erase] : []));
}

/** Does acts in their order, the records between two erasures as one batch. Gives the outcomes of the records. */
export async function perform(store: GraphStore, acts: readonly Act[]): Promise<readonly UpsertOutcome[]> {
  const outcomes: UpsertOutcome[] = [];
  let batch: Extraction[] = [];
  const flush = async () => {
    if (batch.length > 0) outcomes.push(...(await store.replacePosts(batch)));
    batch = [];
  };
  for (const act of acts) {
    if (!('erase' in act || 'decide' in act)) {
      batch.push(act);
      continue;
    }
    await flush();
    if ('erase' in act) await store.eraseAuthor({ platform: 'native', id: act.erase });
    else await decide(store, act);
  }
  await flush();
  return outcomes;
}

/** The decisions that a graph keeps, oldest first. */
export async function decisionsOf(reader: GraphReader): Promise<readonly Decision[]> {
  const decisions: Decision[] = [];
  for await (const decision of reader.scan('decisions')) decisions.push(decision);
  return decisions;
}

/** One that says nothing new is refused; which ones those are depends on the decisions before it alone. */
async function decide(store: GraphStore, { decide: ruling, id }: { decide: Ruling; id: string }): Promise<void> {
  try {
    await store.decide(ruling, { id });
  } catch (error) {
    if (!(error instanceof GrapevineError && error.code === 'USAGE')) throw error;
  }
}
