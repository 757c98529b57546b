import kafkajs from 'kafkajs';

/** Most bytes that one batch of records may have when it is decompressed: several times what the largest topic allows. */
export const MAX_BATCH_BYTES = 64 << 20;

/** A batch that must not be decompressed. The client stops at it, exactly there, and does not try again. */
export function tooLarge(what: string): Error {
  const limit = `${MAX_BATCH_BYTES >> 20} MiB`;
  return new kafkajs.KafkaJSNonRetriableError(
    `batch_too_large: a batch in ${what} has more than ${limit} when decompressed; nothing was skipped. Find out who wrote ` +
      'it, then move the consumer group behind it with "kafka-consumer-groups --reset-offsets --shift-by 1 --execute"',
  );
}

/** A batch that cannot be decompressed. */
export function damaged(what: string, reason: string): Error {
  return new kafkajs.KafkaJSNonRetriableError(`batch_damaged: a batch in ${what} cannot be decompressed: ${reason}`);
}
