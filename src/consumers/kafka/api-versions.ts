import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type KafkaTls, VERIFIED } from './tls.ts';

/** Oldest and newest version of each API that a broker speaks, by API key. */
export type ApiVersions = ReadonlyMap<number, { readonly min: number; readonly max: number }>;

/** Newest version that kafkajs speaks of every API we use. */
const OURS: readonly { readonly name: string; readonly key: number; readonly max: number }[] = [
  { name: 'Produce', key: 0, max: 7 },
  { name: 'Fetch', key: 1, max: 11 },
  { name: 'ListOffsets', key: 2, max: 3 },
  { name: 'Metadata', key: 3, max: 6 },
  { name: 'OffsetCommit', key: 8, max: 5 },
  { name: 'OffsetFetch', key: 9, max: 4 },
  { name: 'FindCoordinator', key: 10, max: 2 },
  { name: 'JoinGroup', key: 11, max: 5 },
  { name: 'Heartbeat', key: 12, max: 3 },
  { name: 'LeaveGroup', key: 13, max: 3 },
  { name: 'SyncGroup', key: 14, max: 3 },
  { name: 'CreateTopics', key: 19, max: 3 },
];

/** Names of the APIs for which the broker no longer speaks a version that kafkajs does. */
export function unsupportedApis(versions: ApiVersions): readonly string[] {
  return OURS.filter(({ key, max }) => {
    const theirs = versions.get(key);
    return theirs === undefined || theirs.min > max;
  }).map((api) => api.name);
}

/** ApiVersions, version 0, correlation 1, no client id: every broker answers it, before any login. */
const REQUEST = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 255, 255]);
/** A broker's list is some hundred bytes; a larger answer is no Kafka. */
const LONGEST_ANSWER = 64 << 10;

/** Reads a whole answer: length, correlation, error code, then key, oldest and newest version of each API. */
export function decodeApiVersions(answer: Buffer): ApiVersions {
  const count = answer.length >= 14 ? answer.readInt32BE(10) : -1;
  if (count < 0 || answer.length < 14 + count * 6) throw new Error('the answer is not that of a Kafka broker');
  const versions = new Map<number, { min: number; max: number }>();
  for (let at = 14; at < 14 + count * 6; at += 6) {
    versions.set(answer.readInt16BE(at), { min: answer.readInt16BE(at + 2), max: answer.readInt16BE(at + 4) });
  }
  return versions;
}

/** Asks one broker (`host:port`) for its versions. Rejects with a plain `Error` that says what happened instead. */
export function fetchApiVersions(broker: string, timeoutMs: number, tls?: KafkaTls): Promise<ApiVersions> {
  const colon = broker.lastIndexOf(':');
  const host = broker.slice(0, colon);
  const port = Number(broker.slice(colon + 1));
  const secure = { ...tls, ...VERIFIED, ...(isIP(host) ? {} : { servername: host }) };
  return new Promise((resolve, reject) => {
    const answer: Buffer[] = [];
    const ask = () => socket.write(REQUEST);
    const socket: Socket = tls ? connectTls({ host, port, ...secure }, ask) : connectTcp({ host, port }, ask);
    const settle = (act: () => void) => {
      socket.destroy();
      act();
    };
    socket.setTimeout(timeoutMs, () => settle(() => reject(new Error(`no answer within ${timeoutMs} ms`))));
    socket.on('error', (error) => settle(() => reject(error)));
    socket.on('close', () => reject(new Error('the broker closed the connection; does it expect TLS?')));
    socket.on('data', (chunk) => {
      answer.push(chunk);
      const bytes = Buffer.concat(answer);
      if (bytes.length < 4) return;
      const length = bytes.readInt32BE(0);
      const foreign = length < 0 || length > LONGEST_ANSWER;
      if (!foreign && bytes.length < 4 + length) return;
      settle(() => {
        try {
          resolve(decodeApiVersions(foreign ? Buffer.alloc(0) : bytes));
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  });
}
