// Answers subscriptions: checks the caller before the stream begins, executes each event, and sends the results. It adds no
// fields: what there is to follow comes from the resolvers.
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
} from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { Access, Holder, Viewer } from '../auth/access.ts';
import { findForbidden, selectsNothing } from '../auth/required-scopes.ts';
import { currentRequest } from '../telemetry/current-request.ts';
import { StreamTally } from '../telemetry/stream-tally.ts';
import { LiveStream, toStreamSource } from './live-stream.ts';
import type { Placed } from './max-requests.ts';
import { type OpenStream, OpenStreams } from './open-streams.ts';
import { SharedResults, toSharedKey } from './shared-results.ts';
import { findStreamFormat, type StreamFormat } from './stream-formats.ts';

const RETRY_AFTER_SECONDS = 5;

/** Streams may stay open for hours, so they leave half of the places to other requests. */
export function toMostStreams(maxRequests: number): number {
  return Math.max(1, Math.floor(maxRequests / 2));
}

/** What a stream needs of the context of its request. */
export type StreamContext = Placed & {
  readonly request: Request;
  readonly access?: Access;
  readonly viewer: Viewer;
  readonly operationCaller: { readonly holder: Holder } | undefined;
  readonly expiresAt: number | undefined;
  readonly signal: AbortSignal;
};

type StreamArgs = ExecutionArgs & { readonly contextValue: StreamContext };

export type StreamsOptions = {
  /** How many may be open at once. */
  readonly limit: number;
  /**
   * A context for the execution of one event, with nothing left of earlier events.
   *
   * @throws {GraphQLError} UNAUTHENTICATED if the caller's credentials are refused by now.
   */
  readonly renew: (access: Access, signal: AbortSignal) => Promise<object>;
  /** The error that a client may see. */
  readonly toClientError: (error: unknown) => GraphQLError;
};

/** Results that go past the iterators of the libraries between: with many streams, those cost more than all else. */
const RESULTS_GO_PAST: AsyncIterable<never> = {
  [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }),
};

export class Streams {
  readonly #options: StreamsOptions;
  readonly #open: OpenStreams;
  readonly #shared = new SharedResults();

  constructor(options: StreamsOptions) {
    this.#options = options;
    this.#open = new OpenStreams(options.limit);
  }

  /** How many are open. */
  get count(): number {
    return this.#open.count;
  }

  readonly plugin: Plugin<StreamContext, Placed> = {
    onSubscribe: ({ context, setSubscribeFn }) =>
      setSubscribeFn((args: ExecutionArgs) => this.#subscribe({ ...args, contextValue: context })),
    onResultProcess: ({ request, serverContext, result, setResultProcessor }) => {
      const format = findStreamFormat(request.headers.get('accept'));
      const { stream, leave = () => {} } = serverContext;
      if (!format || !stream || !isAsyncIterable(result)) return;
      setResultProcessor((_results, fetchAPI) => {
        const headers = {
          'content-type': format.contentType,
          // Compressing proxies hold back what is too small to compress.
          'cache-control': 'no-store, no-transform',
          // Without it, nginx sends nothing until the end.
          'x-accel-buffering': 'no',
        };
        return new fetchAPI.Response(new fetchAPI.ReadableStream(toStreamSource(stream, leave)), { headers });
      }, format.contentType);
    },
  };

  /** Ends all streams, and begins no more. */
  stop(): void {
    this.#open.stop();
  }

  async #subscribe(args: StreamArgs): Promise<AsyncIterable<ExecutionResult> | ExecutionResult> {
    const { contextValue: context } = args;
    const format = findStreamFormat(context.request.headers.get('accept'));
    if (!format) return { errors: [createNoFormatError()] };
    const refusal = this.#refuse(args, context);
    if (refusal) return { errors: [refusal] };
    const open = this.#open.add(context.expiresAt);
    try {
      hold(context, open);
      const contextValue = await this.#renew(context, open.signal);
      const source = await createSourceEventStream({ ...args, contextValue });
      if (isAsyncIterable(source)) {
        context.stream = this.#begin(source, { ...args, contextValue }, open, format);
        context.leave = open.end;
        return RESULTS_GO_PAST;
      }
      open.end();
      return source;
    } catch (error) {
      open.end();
      throw error;
    }
  }

  #begin(
    source: AsyncIterable<unknown>,
    args: StreamArgs,
    open: OpenStream,
    format: StreamFormat,
  ): LiveStream {
    const request = currentRequest();
    const tally = new StreamTally();
    const stream = new LiveStream(format, (result) => tally.add(result));
    void this.#send(source, args, open, stream).then(() => {
      open.end();
      request?.onStreamEnd?.(tally.end());
    });
    return stream;
  }

  async #send(
    source: AsyncIterable<unknown>,
    args: StreamArgs,
    open: OpenStream,
    stream: LiveStream,
  ): Promise<void> {
    const key = toSharedKey(toCaller(args.contextValue), args);
    let isFirst = true;
    let last: ExecutionResult | undefined;
    try {
      for await (const event of source) {
        if (open.signal.aborted) break;
        // The first event may be older than the stream, so what others have made of it may be out of date.
        const isShared = !isFirst && key !== undefined && typeof event === 'object' && event !== null;
        isFirst = false;
        const result = isShared
          ? await this.#shared.get(event, key, () => this.#execute(event, args, this.#open.stopping))
          : await this.#execute(event, args, open.signal);
        if (open.signal.aborted) break;
        stream.put(result);
        if (isRefused(result)) break;
      }
      if (open.isExpired) last = { errors: [createExpiredError()] };
    } catch (error) {
      last = { errors: [this.#options.toClientError(error)] };
    }
    stream.end(last);
  }

  async #execute(event: unknown, args: StreamArgs, signal: AbortSignal): Promise<ExecutionResult> {
    const { toClientError } = this.#options;
    try {
      const contextValue = await this.#renew(args.contextValue, signal);
      const result = await execute({ ...args, rootValue: event, contextValue });
      return result.errors ? { ...result, errors: result.errors.map(toClientError) } : result;
    } catch (error) {
      return { errors: [toClientError(error)] };
    }
  }

  async #renew(context: StreamContext, signal: AbortSignal): Promise<StreamContext> {
    if (!context.access) throw new Error('a subscription passed no authentication');
    return { ...context, ...(await this.#options.renew(context.access, signal)) };
  }

  #refuse(args: StreamArgs, context: StreamContext): GraphQLError | undefined {
    if (this.#open.stopping.aborted) {
      const message = 'The gateway is stopping. Retry in a few seconds.';
      return createRefusal(503, 'UPSTREAM_UNAVAILABLE', message, RETRY_AFTER_SECONDS);
    }
    if (selectsNothing(args))
      return createRefusal(
        400,
        'BAD_USER_INPUT',
        'Expected a field to follow, and @skip or @include leaves none.',
      );
    const forbidden = findForbidden(args, context.viewer);
    if (forbidden) return forbidden;
    if (!this.#open.isFull) return undefined;
    const message = `Expected at most ${this.#options.limit} open subscriptions, and all of them are open. Retry later, or poll.`;
    return createRefusal(503, 'OVERLOADED', message, RETRY_AFTER_SECONDS);
  }
}

/** The same only for callers who may see the same. */
function toCaller({ viewer, operationCaller }: StreamContext): unknown {
  return [viewer.subject, [...viewer.scopes], operationCaller?.holder];
}

/** The stream keeps the place of its request, and ends when the client leaves. */
function hold(context: StreamContext, stream: OpenStream): void {
  const { res, place, signal } = context;
  if (res) {
    res.once('close', stream.end);
    if (res.closed) stream.end();
  }
  stream.signal.addEventListener('abort', () => {
    res?.off('close', stream.end);
    // With a socket, the place is free once the client has taken the last byte.
    if (!res) place?.leave();
  });
  if (signal.aborted) stream.end();
}

/** Credentials that are refused now, although they were not when the stream began. */
function isRefused({ data, errors }: ExecutionResult): boolean {
  return !data && errors?.some(({ extensions }) => extensions.code === 'UNAUTHENTICATED') === true;
}

function createNoFormatError(): GraphQLError {
  const message =
    'A subscription is answered as a stream. Expected text/event-stream or multipart/mixed;subscriptionSpec=1.0 in the header Accept, and got neither.';
  return createRefusal(406, 'BAD_USER_INPUT', message);
}

function createExpiredError(): GraphQLError {
  return new GraphQLError('The token has expired. Subscribe again with a new one.', {
    extensions: { code: 'UNAUTHENTICATED' },
  });
}

function createRefusal(status: number, code: string, message: string, retryAfter?: number): GraphQLError {
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return new GraphQLError(message, { extensions: { code, http: { status, headers } } });
}
