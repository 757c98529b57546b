import { Gauge, type Registry } from 'prom-client';

/** What a source knows of itself. */
export interface KafkaSourceHealth {
  /** False before the first join, while the group rebalances, and after a failure. */
  readonly joined: boolean;
  /** True while nothing is fetched because the queue is full. */
  readonly paused: boolean;
  /** Time in which nothing was fetched because the queue was full. */
  readonly pausedSeconds: number;
  readonly queuedRecords: number;
  readonly queuedBytes: number;
  /** Time since a record was finished while others wait to be, seconds; 0 where none waits. */
  readonly stalledSeconds: number;
  /** Records queued or delivered and not done. */
  readonly pending: number;
  /** The partitions assigned now. */
  readonly partitions: readonly PartitionHealth[];
}

/** What a source knows of one assigned partition; undefined until a record was seen. */
export interface PartitionHealth {
  readonly partition: number;
  readonly pending: number;
  /** The offset last committed, or where reading started. */
  readonly committed: number | undefined;
  /** Offsets between the oldest unfinished record and the end of the log. */
  readonly lag: number | undefined;
}

/** How sources stand, as metrics; every source of a process shares them. */
export interface ConsumerGauges {
  /** Shows a source from now on; what comes back ends that. */
  watch(topic: string, health: () => KafkaSourceHealth): () => void;
}

interface Watched {
  readonly topic: string;
  readonly health: () => KafkaSourceHealth;
}

/** Gauges in the given registry that ask the sources whenever they are read. Make them once for each registry. */
export function createConsumerGauges(registry: Registry): ConsumerGauges {
  const sources = new Set<Watched>();
  const define = (name: string, help: string, labels: string[], show: (gauge: Gauge, source: Watched) => void) =>
    new Gauge({
      name: `grapevine_consumer_${name}`,
      help,
      labelNames: labels,
      registers: [registry],
      collect() {
        // Lost partitions and closed sources must not stay as they were.
        this.reset();
        for (const source of sources) show(this, source);
      },
    });
  // Added up: two members of a process may read one topic.
  const defineSum = (name: string, help: string, amount: (health: KafkaSourceHealth) => number) =>
    define(name, help, ['topic'], (gauge, { topic, health }) => gauge.inc({ topic }, amount(health())));

  defineSum('joined', 'Members of the consumer group here; 0 while it rebalances.', ({ joined }) => Number(joined));
  defineSum('paused', 'Members that fetch nothing because their queue is full.', ({ paused }) => Number(paused));
  defineSum(
    'paused_seconds',
    'Time so far in which nothing was fetched because the queue was full.',
    (health) => health.pausedSeconds,
  );
  defineSum(
    'stalled_seconds',
    'Time since a record was finished while others wait to be.',
    (health) => health.stalledSeconds,
  );
  defineSum('queued', 'Records fetched that wait for their turn.', ({ queuedRecords }) => queuedRecords);
  defineSum('pending', 'Records fetched and not done, queued ones included.', ({ pending }) => pending);
  const lagHelp = 'Offsets between the oldest unfinished record and the end of the partition at its last fetch.';
  define('lag', lagHelp, ['topic', 'partition'], (gauge, { topic, health }) => {
    for (const { partition, lag } of health().partitions) if (lag !== undefined) gauge.set({ topic, partition }, lag);
  });
  return {
    watch(topic, health) {
      const source = { topic, health };
      sources.add(source);
      return () => void sources.delete(source);
    },
  };
}
