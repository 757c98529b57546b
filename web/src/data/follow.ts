import { ApiError, post } from './ask.ts';

/** The server says something every 12 seconds, be it only a comment; after this time the connection is taken for dead. */
const SILENCE_MS = 40_000;

interface Message<T> {
  readonly data?: T;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/**
 * What a subscription sends, until it ends. Server-sent events are read with `fetch`: an `EventSource` could not send a
 * token.
 *
 * @throws {ApiError} when the connection is refused or lost.
 */
export async function* follow<T>(query: string, variables: object, signal: AbortSignal): AsyncIterable<T> {
  const watch = new AbortController();
  const response = await post({ query, variables }, 'text/event-stream', AbortSignal.any([signal, watch.signal]));
  if (!response.ok || !response.body) throw await refusalOf(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  try {
    for (;;) {
      const timer = setTimeout(() => watch.abort(), SILENCE_MS);
      const { done, value } = await reader.read().finally(() => clearTimeout(timer));
      if (done) return;
      const blocks = (text + value).split(/\r?\n\r?\n/);
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const message = messageOf<T>(block);
        const [error] = message?.errors ?? [];
        if (error) throw new ApiError(error.extensions?.code ?? 'FAILED', error.message);
        if (message?.data) yield message.data;
      }
    }
  } catch (error) {
    if (error instanceof ApiError || signal.aborted) throw error;
    throw new ApiError('OFFLINE', 'The connection was lost.');
  } finally {
    reader.cancel().catch(() => {});
  }
}

function messageOf<T>(block: string): Message<T> | undefined {
  const lines = block.split(/\r?\n/).filter((line) => line.startsWith('data:'));
  const data = lines.map((line) => line.slice('data:'.length).trimStart()).join('\n');
  return data === '' ? undefined : (JSON.parse(data) as Message<T>);
}

async function refusalOf(response: Response): Promise<ApiError> {
  const answer = (await response.json().catch(() => ({}))) as Message<unknown>;
  const [error] = answer.errors ?? [];
  return new ApiError(
    error?.extensions?.code ?? 'OFFLINE',
    error?.message ?? `The server answered ${response.status}.`,
  );
}
