import type {
  FetchedBatch,
  FetchedRecord,
  GroupConsumer,
  GroupListener,
} from '../../src/consumers/kafka/group-consumer.ts';
import type { GrapevineError } from '../../src/errors.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { CLIENTS, type ClientName } from './group-consumers.ts';
import { kafkaSettings, quietLogger } from './kafka-broker.ts';
import type { Opened } from './kafka-member.ts';

/** Keeps what a member of a group is told. */
export class Told implements GroupListener {
  readonly joins: { readonly partitions: readonly number[]; readonly sameMember: boolean }[] = [];
  readonly batches: FetchedBatch[] = [];
  readonly failures: GrapevineError[] = [];
  /** What taking a batch waits for. */
  take: (batch: FetchedBatch) => Promise<void> = async () => {};

  /** Records of all batches, as they came. */
  get records(): readonly FetchedRecord[] {
    return this.batches.flatMap(({ records }) => records);
  }

  joined(partitions: readonly number[], sameMember: boolean): void {
    this.joins.push({ partitions, sameMember });
  }

  leaving(): void {}

  fetched(batch: FetchedBatch): Promise<void> {
    this.batches.push(batch);
    return this.take(batch);
  }

  passed(): void {}

  failed(error: GrapevineError): void {
    this.failures.push(error);
  }
}

/** A bare member of a group, not started. */
export async function makeMember(
  opened: Opened,
  client: ClientName,
  topic: string,
  groupId: string,
): Promise<GroupConsumer> {
  const telemetry = createTelemetry(quietLogger);
  return opened.add(CLIENTS[client]({ settings: await kafkaSettings(), topic, groupId, telemetry }));
}
