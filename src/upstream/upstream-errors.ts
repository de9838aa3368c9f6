// What can go wrong with a request to upstream, as the layers above tell it apart. Nothing here is worded for clients.

/** The request never reached upstream: no connection, no token, or a connection that was gone before the first byte. */
export class NotSentError extends Error {
  override name = 'NotSentError';
}

/** Not sent, because upstream has failed everybody of late and still does. */
export class CircuitOpenError extends NotSentError {
  override name = 'CircuitOpenError';
}

/** The request was sent, and no complete answer of the expected form came back: it may or may not have taken effect. */
export class AnswerLostError extends Error {
  override name = 'AnswerLostError';
  /** When it was sent, on the clock of `performance.now()`. */
  readonly sentAt: number;

  constructor(message: string, sentAt: number, options?: ErrorOptions) {
    super(message, options);
    this.sentAt = sentAt;
  }
}

/** Upstream answered in full, and the answer is a failure of its own (5xx) or a refusal (4xx). */
export class UpstreamStatusError extends Error {
  override name = 'UpstreamStatusError';
  readonly status: number;

  /** @param request - its method and path; the query is left out, since it has what clients have asked for. */
  constructor(status: number, request: string) {
    super(`upstream answered ${status} to ${request.split('?', 1)[0]}`);
    this.status = status;
  }
}

/** Upstream refuses the credentials, also after one renewal. */
export class UnauthorizedError extends Error {
  override name = 'UnauthorizedError';
}

/** Nothing was sent: upstream's budget or the caller's wait does not allow it. */
export class BudgetExhaustedError extends Error {
  override name = 'BudgetExhaustedError';
  /** Whole seconds until it is worth asking again; undefined where nobody knows. */
  readonly retryAfterSeconds: number | undefined;

  constructor(retryAfterSeconds: number | undefined) {
    super('the rate limit of upstream allows no further request before the deadline of the call');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Nothing was sent: the caller has gone away, or the gateway is stopping. */
export class CancelledError extends Error {
  override name = 'CancelledError';
}
