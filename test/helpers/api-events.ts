/** A subscription over server-sent events that a test reads one result at a time. */
export interface TestSubscription extends AsyncDisposable {
  readonly response: Response;
  /** Next result, undefined once the server ended the stream. */
  // Any: the shape is the query's.
  next(): Promise<any>;
  /** Next `count` results. */
  // Any: the shape is the query's.
  take(count: number): Promise<any[]>;
}

/** Subscribes by POST. Resolves once the server has accepted, so that no later event is missed. */
export async function subscribe(
  url: string,
  query: string,
  variables?: object,
  more?: Record<string, string>,
): Promise<TestSubscription> {
  const leave = new AbortController();
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...more },
    body: JSON.stringify({ query, variables }),
    signal: leave.signal,
  });
  const results = read(response);
  const next = async () => (await results.next()).value;
  return {
    response,
    next,
    async take(count) {
      const taken = [];
      while (taken.length < count) taken.push(await next());
      return taken;
    },
    async [Symbol.asyncDispose]() {
      leave.abort();
    },
  };
}

async function* read(response: Response): AsyncGenerator<unknown, undefined> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const message = text.slice(0, end);
      text = text.slice(end + 2);
      if (message.startsWith('event: next')) yield JSON.parse(message.slice(message.indexOf('data: ') + 6));
    }
  }
  return undefined;
}
