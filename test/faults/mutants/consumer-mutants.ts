import type { Mutant } from './mutant.ts';

const STAGE = 'src/consumers/stage.ts';
const TRACKER = 'src/consumers/kafka/tracker.ts';

/** Defences of the consumers. */
export const consumerMutants: readonly Mutant[] = [
  {
    name: 'ack-at-fetch',
    without: 'waiting for the effect: a record counts as done when it is taken',
    file: STAGE,
    edits: [['  const turn = order.enter(', '  record.done();\n  const turn = order.enter(']],
    fault: 'after-infer',
    shows: /missing/,
  },
  {
    name: 'commit-before-sink',
    without: 'waiting for the sink: a record counts as done when its effect has begun',
    file: STAGE,
    edits: [['    await applied;\n    record.done();', '    record.done();\n    await applied;']],
    fault: 'before-tx-commit',
    shows: /doneTooEarly/,
  },
  {
    name: 'letter-not-awaited',
    without: 'waiting for the dead letter',
    file: STAGE,
    edits: [['  await stage.deadLetters.write(', '  void stage.deadLetters.write(']],
    fault: 'after-infer',
    shows: /doneTooEarly/,
  },
  {
    name: 'stale-results',
    without: 'dropping the results of lost partitions',
    file: STAGE,
    edits: [['if (record.isStale?.()) {', 'if (record.isStale === undefined) {']],
    fault: 'zombie',
    shows: /what it drops/,
  },
  {
    name: 'no-fence',
    without: 'new trackers after a rejoin: what was known of lost partitions is still believed',
    file: 'src/consumers/kafka/assignment.ts',
    edits: [
      ['    if (!sameMember) this.#trackers.clear();\n', ''],
      ['before.filter((partition) => !sameMember || !now.has(partition));', 'before.filter(() => false);'],
    ],
    fault: 'zombie',
    shows: /committedBack|committedAbove|what it drops/,
  },
  {
    name: 'naive-low-water',
    without: 'the lowest pending record as the mark: it counts up from the last finished one',
    file: TRACKER,
    edits: [
      [
        '  readonly #pending = new Set<number>();\n',
        '  readonly #pending = new Set<number>();\n  readonly all = new Set<number>();\n  next: number | undefined;\n',
      ],
      [
        '    for (const lowest of this.#pending) return lowest;\n    return this.#seenTo;\n',
        '    while (this.next !== undefined && this.all.has(this.next)) this.next++;\n    return this.next;\n',
      ],
      [
        '    if (this.#wasFinished(offset)) return false;\n',
        '    this.next ??= offset;\n    if (this.#wasFinished(offset)) {\n      this.all.add(offset);\n      return false;\n    }\n',
      ],
      [
        '    if (!this.#pending.delete(offset)) return;\n',
        '    this.all.add(offset);\n    if (!this.#pending.delete(offset)) return;\n',
      ],
    ],
    fault: 'sigterm',
    shows: /nothing moved/,
  },
  {
    name: 'highest-mark',
    without: 'the low-water mark: what was seen last is committed',
    file: TRACKER,
    edits: [['    for (const lowest of this.#pending) return lowest;\n', '']],
    fault: 'after-infer',
    shows: /missing/,
  },
  {
    name: 'done-set-too-wide',
    without: 'leaving pending records out of what is said to be finished above the mark',
    file: TRACKER,
    edits: [['      from = pending + 1;\n', '      from = pending;\n']],
    fault: 'during-join',
    shows: /missing|committedAbove/,
  },
  {
    name: 'from-the-end',
    without: 'reading from the beginning where nothing is committed',
    file: 'src/consumers/kafka/kafkajs-group-consumer.ts',
    edits: [['fromBeginning: true', 'fromBeginning: false']],
    fault: 'sigterm',
    shows: /missing|nothing moved|in vain/,
  },
  {
    name: 'no-bound',
    without: 'the bound over what is in flight',
    file: 'src/consumers/runtime/window.ts',
    edits: [['    if (this.#records === 0) return true;\n', '    if (this.#records >= 0) return true;\n']],
    fault: 'sigterm',
    shows: /records in flight/,
  },
  {
    name: 'no-retry',
    without: 'trying a dependency again',
    file: 'src/consumers/runtime/retry.ts',
    edits: [['if (!isRetryable(error)) {', 'if (!isRetryable(error) || attempt > 0) {']],
    fault: 'db-down',
    shows: /ended with 1/,
  },
];
