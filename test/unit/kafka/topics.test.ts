import type { Admin, Kafka } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { createTopics } from '../../../src/consumers/kafka/topics.ts';

const names = { posts: 'p', extractions: 'x', events: 'e' };

function brokerError(type: string): Error {
  return Object.assign(new Error(`the broker answers ${type}`), { type });
}

/** Brokers of which the one that is asked hears of new topics late: its first answers are the given errors. */
class LateBrokers {
  readonly made = new Set<string>();
  asked = 0;
  readonly #answer: (attempt: number) => string | undefined;

  constructor(answer: (attempt: number) => string | undefined) {
    this.#answer = answer;
  }

  get kafka(): Kafka {
    const admin: Partial<Admin> = {
      connect: async () => {},
      disconnect: async () => {},
      createTopics: async ({ topics, waitForLeaders = true }) => {
        for (const { topic } of topics) this.made.add(topic);
        if (waitForLeaders) this.#refuse();
        return true;
      },
      fetchTopicMetadata: async ({ topics } = { topics: [] }) => {
        this.#refuse();
        const partitions = [0, 1].map((partitionId) => ({
          partitionId,
          partitionErrorCode: 0,
          leader: 1,
          replicas: [1],
          isr: [1],
        }));
        return { topics: topics.map((name) => ({ name, partitions })) };
      },
    };
    return { admin: () => admin } as unknown as Kafka;
  }

  #refuse(): void {
    const type = this.#answer(this.asked++);
    if (type !== undefined) throw brokerError(type);
  }
}

describe('createTopics', () => {
  it('asks again while a broker has not heard of the new topics or knows no leader of theirs', async () => {
    const brokers = new LateBrokers((attempt) => ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'][attempt]);
    const reports = await createTopics(brokers.kafka, { names, replicationFactor: 1 });
    expect(reports).toHaveLength(6);
    for (const report of reports) expect(report).toMatchObject({ created: true, partitions: 2 });
    expect(brokers.made.size).toBe(6);
    expect(brokers.asked).toBe(3);
  });

  it('gives up after a bounded time, and at once for any other answer', async () => {
    const never = new LateBrokers(() => 'UNKNOWN_TOPIC_OR_PARTITION');
    const settings = { names, replicationFactor: 1, settleMs: 150 };
    await expect(createTopics(never.kafka, settings)).rejects.toMatchObject({
      code: 'KAFKA_FAILED',
      message: expect.stringContaining('waiting for the topics p, p.dlt'),
    });
    const refusing = new LateBrokers(() => 'TOPIC_AUTHORIZATION_FAILED');
    await expect(createTopics(refusing.kafka, settings)).rejects.toThrow('TOPIC_AUTHORIZATION_FAILED');
    expect(refusing.asked).toBe(1);
  });
});
