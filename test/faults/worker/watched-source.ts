import { AsyncLocalStorage } from 'node:async_hooks';
import type { DeadLetters } from '../../../src/consumers/dead-letters.ts';
import type { ExtractionSink } from '../../../src/consumers/extraction-sink.ts';
import type { GroupConsumer } from '../../../src/consumers/kafka/group-consumer.ts';
import type { KafkaRecord } from '../../../src/consumers/kafka/intake.ts';
import type { RecordSource, SourceRecord } from '../../../src/consumers/record-source.ts';
import type { Window } from '../../../src/consumers/runtime/window.ts';
import type { Place, StageName, TraceWriter } from '../trace.ts';
import type { FailPoints } from './fail-points.ts';

/** What watches one stage. */
export interface Watch {
  readonly stage: StageName;
  readonly trace: TraceWriter;
  readonly points: FailPoints;
}

/** The record that the code which runs now works on. */
const current = new AsyncLocalStorage<Place>();

/** A source that tells what it delivers and what comes back as done. */
export function watchSource(source: RecordSource, { stage, trace }: Watch, window: Window): RecordSource {
  return {
    run: (accept) =>
      source.run((record) => {
        const place = placeOf(stage, record);
        trace.write({ what: 'delivered', ...place, inFlight: window.records });
        const done = () => {
          trace.write({ what: 'done', ...place });
          record.done();
        };
        return current.run(place, () => accept({ ...record, done }));
      }),
    stop: () => source.stop(),
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  };
}

/** A sink that tells when the effect of a record is durable. */
export function watchSink(sink: ExtractionSink, { stage, trace, points }: Watch): ExtractionSink {
  return {
    async write(extraction) {
      const place = current.getStore();
      if (points.draining) points.pass('during-drain', stage);
      await sink.write(extraction);
      if (place) trace.write({ what: 'durable', ...place });
    },
    [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose](),
  };
}

/** Dead letters that tell when a letter is kept. */
export function watchLetters(letters: DeadLetters, { stage, trace }: Watch): DeadLetters {
  return {
    async write(record, rejection) {
      await letters.write(record, rejection);
      trace.write({ what: 'durable', ...placeOf(stage, record) });
    },
    [Symbol.asyncDispose]: () => letters[Symbol.asyncDispose](),
  };
}

/** A group member that tells of joins and commits. */
export function watchMember(member: GroupConsumer, { stage, trace, points }: Watch): GroupConsumer {
  let commits = 0;
  return {
    start: (listener) =>
      member.start({
        ...listener,
        joined(partitions, sameMember) {
          points.pass('during-join', stage);
          trace.write({ what: 'joined', stage, partitions: partitions.length });
          listener.joined(partitions, sameMember);
        },
        async fetched(batch) {
          await listener.fetched(batch);
          const offsets = batch.records.map(({ offset }) => offset);
          trace.write({ what: 'fetched', stage, partition: batch.partition, offsets });
          if (offsets.length > 0) points.pass('after-fetch', stage);
        },
      }),
    pause: () => member.pause(),
    resume: () => member.resume(),
    async commit(offsets) {
      const id = ++commits;
      const marks = [...offsets].map(([partition, { offset }]): [number, number] => [partition, offset]);
      trace.write({ what: 'committing', stage, id, marks });
      points.pass('before-offset-commit', stage);
      const outcome = await member.commit(offsets);
      if (outcome === 'committed') trace.write({ what: 'committed', stage, id });
      return outcome;
    },
    committed: (partitions) => member.committed(partitions),
    [Symbol.asyncDispose]: () => member[Symbol.asyncDispose](),
  };
}

function placeOf(stage: StageName, record: SourceRecord): Place {
  const { partition, offset } = record as KafkaRecord;
  return { stage, partition, offset };
}
