import type { MergeSuggestion } from '../../domain/suggestion.ts';
import type { GraphReader } from '../graph-reader.ts';
import { suggestMerges } from './suggest-merges.ts';

/** Every pair of entities that may be one, once, in the order in which the entities are found. */
export async function* allSuggestions(
  reader: GraphReader,
  onEntity: (done: number) => void = () => {},
): AsyncGenerator<MergeSuggestion> {
  const given = new Set<string>();
  let done = 0;
  for await (const entity of reader.scan('entities')) {
    for (const suggestion of await suggestMerges(reader, entity)) {
      const pair = [suggestion.from.id, suggestion.into.id].sort().join(' ');
      if (given.has(pair)) continue;
      given.add(pair);
      yield suggestion;
    }
    onEntity(++done);
  }
}
