// Reads a stream of server-sent events as it comes.
export type StreamReader = {
  readonly status: number;
  readonly headers: Headers;
  /** The next event: its name, and its data as JSON. Undefined at the end. */
  next(): Promise<{ readonly event: string; readonly data: unknown } | undefined>;
  leave(): Promise<void>;
};

/** @param open - as `fetch`. */
export async function readStream(
  open: (url: string, init: RequestInit) => Promise<Response>,
  origin: string,
  body: { readonly query: string; readonly variables?: unknown },
  headers: Record<string, string> = {},
): Promise<StreamReader> {
  const response = await open(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body: JSON.stringify(body),
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    status: response.status,
    headers: response.headers,
    async next() {
      for (;;) {
        const [part, ...rest] = text.split('\n\n');
        if (rest.length > 0) {
          text = rest.join('\n\n');
          const [, event] = /^event: (.*)$/m.exec(part ?? '') ?? [];
          const [, data] = /^data: ?(.*)$/m.exec(part ?? '') ?? [];
          if (event === undefined) continue;
          return { event, data: data ? JSON.parse(data) : undefined };
        }
        const read = await reader?.read();
        if (!read || read.done) return undefined;
        text += read.value;
      }
    },
    leave: async () => reader?.cancel(),
  };
}
