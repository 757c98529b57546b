import { NO_RELATION, type RelationLabel } from '../manifest.ts';

/** Which classes of the relation classifier make sense between two entity types. */
export class RelationSchema {
  readonly labels: readonly RelationLabel[];
  /** Class of no relation. */
  readonly none: number;
  /** Every class but that of no relation. */
  readonly all: readonly number[];
  readonly #legal = new Map<string, Map<string, readonly number[]>>();
  readonly #arguments: readonly (readonly [string, string])[];

  constructor(labels: readonly RelationLabel[]) {
    this.labels = labels;
    this.none = labels.findIndex((label) => label.type === NO_RELATION);
    this.all = labels.flatMap((_, index) => (index === this.none ? [] : [index]));
    this.#arguments = labels.map(argumentsInOrder);
  }

  /**
   * Classes that fit two mentions of these types, the one with the head's markers first, without that of no relation.
   *
   * A relation's name holds its head's and its tail's type: `/per/org/member_of`. A name without them fits every pair.
   */
  legal(first: string, second: string): readonly number[] {
    let bySecond = this.#legal.get(first);
    if (!bySecond) this.#legal.set(first, (bySecond = new Map()));
    let classes = bySecond.get(second);
    if (!classes) bySecond.set(second, (classes = this.#fitting(first.toLowerCase(), second.toLowerCase())));
    return classes;
  }

  #fitting(first: string, second: string): readonly number[] {
    const fits = (wanted: string, type: string) => wanted === '' || wanted === type;
    return this.#arguments.flatMap(([a, b], index) =>
      index !== this.none && fits(a, first) && fits(b, second) ? [index] : [],
    );
  }
}

function argumentsInOrder(label: RelationLabel): readonly [string, string] {
  const parts = label.type.split('/');
  if (parts.length !== 4 || parts[0] !== '') return ['', ''];
  const [head = '', tail = ''] = parts.slice(1, 3).map((part) => part.toLowerCase());
  return label.inverse ? [tail, head] : [head, tail];
}
