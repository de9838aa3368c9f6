// A stand-in for an OpenTelemetry collector: takes spans over OTLP/HTTP, as JSON or protobuf, and keeps them.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { gunzipSync } from 'node:zlib';
import * as z from 'zod';
import { listen } from './listen.ts';
import { readExport } from './read-protobuf.ts';

const value = z.union([
  z.object({ stringValue: z.string() }).transform(({ stringValue }) => stringValue),
  z.object({ intValue: z.coerce.number() }).transform(({ intValue }) => intValue),
  z.object({ doubleValue: z.number() }).transform(({ doubleValue }) => doubleValue),
  z
    .object({ arrayValue: z.object({ values: z.array(z.object({ stringValue: z.string() })).default([]) }) })
    .transform(({ arrayValue }) => arrayValue.values.map(({ stringValue }) => stringValue)),
]);

const attributes = z
  .array(z.object({ key: z.string(), value }))
  .transform((pairs) => Object.fromEntries(pairs.map((pair) => [pair.key, pair.value])));

const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  startTimeUnixNano: z.coerce.bigint(),
  endTimeUnixNano: z.coerce.bigint(),
  attributes,
  status: z.object({ code: z.number().optional() }),
});

const exported = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(span) })),
    }),
  ),
});

export type CollectedSpan = z.infer<typeof span>;

export type Collector = AsyncDisposable & {
  readonly url: string;
  readonly spans: readonly CollectedSpan[];
  /** The service that each export named. */
  readonly services: readonly unknown[];
  readonly paths: readonly string[];
  readonly headers: readonly IncomingHttpHeaders[];
  /** Everything that it received, as text. */
  readonly text: string;
  /** The status of the following answers; `undefined` as status: no answer. */
  setStatus(status: number | undefined): void;
};

export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const services: unknown[] = [];
  const paths: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  let all = '';
  let status: number | undefined = 200;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const received = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(received) : received;
    paths.push(request.url ?? '');
    headers.push(request.headers);
    if (status === undefined) return;
    if (status === 200) {
      all += body;
      const isJson = request.headers['content-type'] === 'application/json';
      for (const { resource, scopeSpans } of exported.parse(
        isJson ? JSON.parse(String(body)) : readExport(body),
      ).resourceSpans) {
        services.push(resource.attributes['service.name']);
        spans.push(...scopeSpans.flatMap((scope) => scope.spans));
      }
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end(status === 200 ? '{}' : 'SECRET');
  });
  const listening = await listen(server);
  return {
    url: `http://127.0.0.1:${listening.port}`,
    spans,
    services,
    paths,
    headers,
    get text() {
      return all;
    },
    setStatus(next) {
      status = next;
    },
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}
