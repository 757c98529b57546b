import { effect, signal } from '@preact/signals';
import { type EntityDetail, type FactDetail, readEntity, readFact } from '../data/details.ts';
import { hasCode, tellError } from '../data/server.ts';
import type { GraphChange } from './graph-model.ts';
import { model, view } from './page.ts';

/** What is looked at, as far as it is known. */
export type Detail =
  | { readonly kind: 'none' }
  | { readonly kind: 'loading'; readonly id: string }
  | { readonly kind: 'gone'; readonly id: string }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'entity'; readonly entity: EntityDetail }
  | { readonly kind: 'fact'; readonly link: FactDetail };

export const detail = signal<Detail>({ kind: 'none' });

let again = (): void => {};

/** Reads what is selected once more: a person changed it. */
export function readAgain(): void {
  again();
}

/** Reads what is selected, and again when the graph says something new about it. */
export function keepDetails(): void {
  let reading = new AbortController();
  const read = async (id: string) => {
    reading.abort();
    reading = new AbortController();
    const { signal } = reading;
    try {
      const next = await readDetail(id, signal);
      if (!signal.aborted) detail.value = next;
    } catch (error) {
      if (!signal.aborted) detail.value = { kind: 'failed', message: tellError(error) };
    }
  };
  let last = '';
  again = () => {
    if (last !== '') void read(last);
  };
  effect(() => {
    const { selected } = view.value;
    if (selected === last) return;
    last = selected;
    if (selected === '') {
      reading.abort();
      detail.value = { kind: 'none' };
      return;
    }
    detail.value = { kind: 'loading', id: selected };
    void read(selected);
  });
  model.listen((change) => {
    if (last !== '' && change.isNews && concerns(change, last)) void read(last);
  });
}

async function readDetail(id: string, signal: AbortSignal): Promise<Detail> {
  try {
    if (id.startsWith('fact_')) {
      const link = await readFact(id, signal);
      return link ? { kind: 'fact', link } : { kind: 'gone', id };
    }
    const entity = await readEntity(id, signal);
    return entity ? { kind: 'entity', entity } : { kind: 'gone', id };
  } catch (error) {
    if (hasCode(error, 'BAD_REQUEST')) return { kind: 'gone', id };
    throw error;
  }
}

function concerns({ addedFacts, changedFacts, removedFacts }: GraphChange, id: string): boolean {
  const touched = [...addedFacts, ...changedFacts];
  if (touched.includes(id) || removedFacts.includes(id)) return true;
  return removedFacts.length > 0 || touched.some((one) => model.factsOf(id).has(one));
}
