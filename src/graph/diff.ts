import type { GraphReader } from './graph-reader.ts';

/** A line of the digest that only one of two graphs has; a changed thing shows as one of each. */
export interface Difference {
  readonly side: 'left' | 'right';
  readonly line: string;
}

/** Lines come kind by kind, in this order, each kind by id. */
const KINDS = ['post', 'mention', 'evidence', 'fact', 'tombstone', 'marks'];

/** What two graphs do not share, in the order of the digest. Neither is held in memory. */
export async function* diffGraphs(
  left: Pick<GraphReader, 'digestLines'>,
  right: Pick<GraphReader, 'digestLines'>,
): AsyncIterable<Difference> {
  const [ones, others] = [placed(left.digestLines()), placed(right.digestLines())];
  let [one, other] = await Promise.all([ones.next(), others.next()]);
  while (!one.done || !other.done) {
    const order = compare(one.value, other.value);
    if (order === 0 && one.value?.line !== other.value?.line) {
      yield { side: 'left', line: one.value?.line ?? '' };
      yield { side: 'right', line: other.value?.line ?? '' };
    } else if (order < 0) yield { side: 'left', line: one.value?.line ?? '' };
    else if (order > 0) yield { side: 'right', line: other.value?.line ?? '' };
    if (order <= 0) one = await ones.next();
    if (order >= 0) other = await others.next();
  }
}

interface Placed {
  readonly line: string;
  readonly kind: number;
  readonly id: Buffer;
}

async function* placed(lines: AsyncIterable<string>): AsyncGenerator<Placed, undefined> {
  for await (const line of lines) {
    const { line: kind, id, post } = JSON.parse(line) as { line: string; id?: string; post?: string };
    yield { line, kind: KINDS.indexOf(kind), id: Buffer.from(id ?? post ?? '') };
  }
  return undefined;
}

/** Order of two lines; one that is not there comes after all others. */
function compare(one: Placed | undefined, other: Placed | undefined): number {
  if (!one || !other) return Number(!one) - Number(!other);
  return one.kind - other.kind || Buffer.compare(one.id, other.id);
}
