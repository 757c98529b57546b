import type { PublishEvents } from '../../graph/graph-store.ts';
import type { KafkaProducer } from './kafka-producer.ts';

/** Where graph events are sent. */
export interface KafkaEventPublisherOptions {
  readonly producer: KafkaProducer;
  readonly topic: string;
}

/** Publishes graph events as JSON, keyed by fact or entity so that one's events stay in order. */
export function createKafkaEventPublisher({ producer, topic }: KafkaEventPublisherOptions): PublishEvents {
  return async (events) => {
    await Promise.all(
      events.map((event) => {
        const key = 'fact' in event ? event.fact.id : event.entity.id;
        return producer.send({ topic, key, value: JSON.stringify(event) });
      }),
    );
  };
}
