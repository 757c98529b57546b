import { describe, expect, it } from 'vitest';
import { sizeOf, toTopicMessages } from '../../../src/consumers/kafka/outgoing-record.ts';

describe('outgoing records', () => {
  it('groups by topic, keeps order, and turns all bytes into buffers', () => {
    const record = (topic: string, value: string) => ({ topic, key: new Uint8Array([1]), value });
    const [first, second] = toTopicMessages([record('a', '1'), record('b', '2'), record('a', '3')]);
    expect(first?.topic).toBe('a');
    expect(first?.messages.map(({ value }) => String(value))).toEqual(['1', '3']);
    expect(second?.messages[0]?.key).toEqual(Buffer.from([1]));
  });

  it('keeps repeated, binary and odd header names, and gives a header without a value an empty one', () => {
    const headers = JSON.parse('{"__proto__":"p","none":null}') as Record<string, string>;
    const [topic] = toTopicMessages([
      {
        topic: 't',
        key: null,
        value: null,
        headers: { ...headers, two: ['a', new Uint8Array([255])], gone: undefined },
      },
    ]);
    const sent = topic?.messages[0]?.headers ?? {};
    expect(sent.two).toEqual([Buffer.from('a'), Buffer.from([255])]);
    expect(sent.none).toEqual([Buffer.alloc(0)]);
    const [odd] = toTopicMessages([{ topic: 't', key: null, value: null, headers }]);
    expect(Object.hasOwn(odd?.messages[0]?.headers ?? {}, '__proto__')).toBe(true);
  });

  it('weighs key, value and headers in bytes', () => {
    expect(sizeOf({ topic: 't', key: 'é', value: new Uint8Array(10), headers: { ab: ['c', 'd'] } })).toBe(
      2 + 10 + 2 * 3,
    );
    expect(sizeOf({ topic: 't', key: null, value: null })).toBe(0);
  });
});
