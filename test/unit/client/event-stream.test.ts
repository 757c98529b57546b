import { expect, test } from 'vitest';
import { readMessages } from '../../../src/client/event-stream.ts';

/** A body that comes in these parts. */
function bodyOf(...parts: readonly (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(typeof part === 'string' ? encoder.encode(part) : part);
      controller.close();
    },
  });
}

async function read(...parts: readonly (string | Uint8Array)[]) {
  const messages = [];
  let signs = 0;
  for await (const message of readMessages(bodyOf(...parts), () => signs++)) messages.push(message);
  return { messages, signs };
}

test('messages are found wherever the parts are cut, also within a character', async () => {
  const bytes = new TextEncoder().encode('event: next\ndata: {"a":"Zürich 🤖"}\n\n:\n\nevent: complete\ndata:\n\n');
  const parts = Array.from(bytes, (byte) => Uint8Array.of(byte));
  const { messages, signs } = await read(...parts);
  expect(messages).toEqual([
    { event: 'next', data: '{"a":"Zürich 🤖"}' },
    { event: 'complete', data: '' },
  ]);
  expect(signs).toBe(bytes.length);
});

test('a comment is a sign of life and no message, and data may take several lines and other line ends', async () => {
  expect(await read(':\n\n', ': ping\n\n')).toEqual({ messages: [], signs: 2 });
  const { messages } = await read('event: next\r\ndata: 1\r\ndata: 2\r', '\n\r\nid: 7\ndata: x\n\n');
  expect(messages).toEqual([
    { event: 'next', data: '1\n2' },
    { event: 'message', data: 'x' },
  ]);
});

test('what is not whole when the stream ends is no message', async () => {
  expect((await read('event: next\ndata: {"half"')).messages).toEqual([]);
});

test('who leaves lets the connection go', async () => {
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('data: 1\n\n')),
    cancel() {
      isCancelled = true;
    },
  });
  for await (const _ of readMessages(body, () => {})) break;
  expect(isCancelled).toBe(true);
});
