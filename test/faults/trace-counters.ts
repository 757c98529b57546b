import type { Counted, Place, StageName, TraceLine } from './trace.ts';

/** Offsets of each partition that hold a record, in rising order. */
export type VisibleOffsets = Readonly<Record<StageName, ReadonlyMap<number, readonly number[]>>>;

/** What must not be in a trace. */
export interface Broken {
  /** Records called done before their effect was acknowledged. */
  readonly doneTooEarly: number;
  /** Commits above the lowest record of the partition without an acknowledged effect. */
  readonly committedAbove: number;
  /** Commits below an earlier one. */
  readonly committedBack: number;
}

/** What shows in a trace that a fault was felt. */
export interface Felt {
  /** Records fetched beyond the first time. */
  readonly redelivered: number;
  /** Commits that came after the group had moved on. */
  readonly fenced: number;
  /** Results of lost partitions that were dropped. */
  readonly staleDropped: number;
  /** Calls to Kafka or the graph that failed and were tried again. */
  readonly retried: number;
  /** Posts that the graph turned out to have already though it had told nobody so: their transaction's end was not heard. */
  readonly replayed: number;
  /** Workers that were killed. */
  readonly killed: number;
  /** Workers that had a durable effect. */
  readonly workers: number;
  /** Records finished between SIGTERM and the end of a worker. */
  readonly drained: number;
  /** Times a stage was seen with its window full. */
  readonly windowFull: number;
  /** Partitions whose leader moved. */
  readonly leadersMoved: number;
  /** Answers of the database that were dropped on the wire. */
  readonly answersLost: number;
}

const nameOf = ({ stage, partition, offset }: Place) => `${stage}/${partition}@${offset}`;

/** Plays a trace and finds what must not be. */
export function findBroken(lines: readonly TraceLine[], visible: VisibleOffsets): Broken {
  const broken = { doneTooEarly: 0, committedAbove: 0, committedBack: 0 };
  const durable = new Set<string>();
  const highest = new Map<string, number>();
  const sampled = new Map<string, number>();
  const accepted = new Set(lines.flatMap((line) => (line.what === 'committed' ? [commitOf(line)] : [])));
  for (const line of lines) {
    if (line.what === 'durable') durable.add(nameOf(line));
    if (line.what === 'done' && !durable.has(nameOf(line))) broken.doneTooEarly++;
    if (line.what !== 'committing' && line.what !== 'sampled') continue;
    const { stage, marks } = line;
    for (const [partition, mark] of marks) {
      const offsets = visible[stage].get(partition) ?? [];
      if (offsets.some((offset) => offset < mark && !durable.has(nameOf({ stage, partition, offset })))) {
        broken.committedAbove++;
      }
      if (line.what === 'committing' && !accepted.has(commitOf(line))) continue;
      // A sample may be older than the commits beside it in the trace, so each kind is held against its own.
      const before = line.what === 'sampled' ? sampled : highest;
      const place = `${stage}/${partition}`;
      if (mark < (before.get(place) ?? 0)) broken.committedBack++;
      before.set(place, mark);
    }
  }
  return broken;
}

function commitOf({ who, stage, id }: { who: string; stage: StageName; id: number }): string {
  return `${who}/${stage}/${id}`;
}

/** Counts what shows that a fault was felt. */
export function countFelt(lines: readonly TraceLine[], windowRecords: number): Felt {
  const delivered = lines.filter((line) => line.what === 'delivered');
  const fetched = lines.flatMap((line) =>
    line.what === 'fetched' ? line.offsets.map((offset) => nameOf({ ...line, offset })) : [],
  );
  const draining = new Set<string>();
  let drained = 0;
  for (const { what, who } of lines) {
    if (what === 'draining') draining.add(who);
    if (what === 'durable' && draining.has(who)) drained++;
  }
  const counted = (name: Counted) => lines.filter((line) => line.what === 'counted' && line.name === name).length;
  return {
    redelivered: fetched.length - new Set(fetched).size,
    fenced: counted('fenced'),
    staleDropped: counted('stale'),
    retried: counted('retried'),
    replayed: countReplayed(lines),
    killed: lines.filter((line) => line.what === 'ended' && line.signal === 'SIGKILL').length,
    workers: new Set(lines.filter(({ what }) => what === 'durable').map(({ who }) => who)).size,
    drained,
    windowFull: delivered.filter(({ inFlight }) => inFlight >= windowRecords).length,
    leadersMoved: counted('moved'),
    answersLost: counted('reset'),
  };
}

function countReplayed(lines: readonly TraceLine[]): number {
  const told = new Set<string>();
  let replayed = 0;
  for (const line of lines) {
    if (line.what !== 'stored') continue;
    for (const [post, outcome] of line.posts) {
      if (outcome === 'unchanged' && !told.has(post)) replayed++;
      told.add(post);
    }
  }
  return replayed;
}

/** Most records that were in flight in one stage of one worker. */
export function mostInFlight(lines: readonly TraceLine[]): number {
  return lines.reduce((most, line) => (line.what === 'delivered' ? Math.max(most, line.inFlight) : most), 0);
}

/** For each injury the time until the last record that was in work at that moment had its effect, milliseconds. */
export function recoveries(lines: readonly TraceLine[]): readonly number[] {
  const times: number[] = [];
  for (const [i, line] of lines.entries()) {
    if (line.what !== 'injured' && line.what !== 'point') continue;
    const open = new Set<string>();
    for (const earlier of lines.slice(0, i)) {
      if (earlier.what === 'delivered') open.add(nameOf(earlier));
    }
    for (const earlier of lines.slice(0, i)) if (earlier.what === 'durable') open.delete(nameOf(earlier));
    if (open.size === 0) continue;
    for (const later of lines.slice(i)) {
      if (later.what !== 'durable' || !open.delete(nameOf(later)) || open.size > 0) continue;
      times.push(later.at - line.at);
      break;
    }
  }
  return times;
}
