import type { Extraction } from '../../src/domain/extraction.ts';
import type { GraphStore, UpsertOutcome } from '../../src/graph/graph-store.ts';

/** One thing that is done to a graph: a record is applied, or an author of platform `native` erased. */
export type Act = Extraction | { readonly erase: string };

/** The records among acts. */
export function recordsOf(acts: readonly Act[]): readonly Extraction[] {
  return acts.filter((act): act is Extraction => !('erase' in act));
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
    if (!('erase' in act)) {
      batch.push(act);
      continue;
    }
    await flush();
    await store.eraseAuthor({ platform: 'native', id: act.erase });
  }
  await flush();
  return outcomes;
}
