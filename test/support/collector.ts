// A stand-in for an OpenTelemetry collector: takes spans over OTLP/HTTP as JSON and keeps them.
import { createServer } from 'node:http';
import * as z from 'zod';
import { listen } from './listen.ts';

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
  /** Everything that it received, as text. */
  readonly text: string;
};

export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const services: unknown[] = [];
  const paths: string[] = [];
  let all = '';
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    all += text;
    paths.push(request.url ?? '');
    for (const { resource, scopeSpans } of exported.parse(JSON.parse(text)).resourceSpans) {
      services.push(resource.attributes['service.name']);
      spans.push(...scopeSpans.flatMap((scope) => scope.spans));
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  const listening = await listen(server);
  return {
    url: `http://127.0.0.1:${listening.port}`,
    spans,
    services,
    paths,
    get text() {
      return all;
    },
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}
