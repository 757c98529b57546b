/** One message of a stream of server-sent events. */
export interface StreamMessage {
  readonly event: string;
  readonly data: string;
}

/**
 * The messages in the body of an answer, until it ends. Comments are none: servers send them so that the connection is seen to live.
 *
 * @param onBytes called with every sign of life, comments included
 */
export async function* readMessages(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void,
): AsyncGenerator<StreamMessage, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      text = `${text}${decoder.decode(value, { stream: true })}`.replaceAll('\r\n', '\n');
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const message = parse(text.slice(0, end));
        text = text.slice(end + 2);
        if (message) yield message;
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function parse(block: string): StreamMessage | undefined {
  const fields = block.split('\n').map((line) => {
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    return { name, value };
  });
  const event = fields.findLast(({ name }) => name === 'event')?.value ?? 'message';
  const data = fields.filter(({ name }) => name === 'data').map(({ value }) => value);
  return event === 'message' && data.length === 0 ? undefined : { event, data: data.join('\n') };
}
