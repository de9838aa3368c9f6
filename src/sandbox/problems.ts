// api.video's problem documents, one function for each. Their titles and types are upstream's own, because clients
// distinguish errors by them.

/** The answer of a handler, before rate limit headers and faults. */
export type Answer = {
  readonly status: number;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes the request's change. Separate, so that a fault can show the answer of a request without effect. */
  readonly commit?: () => void;
};

/** One complaint about a request, as it appears in `problems`. */
export type Complaint = {
  readonly type?: string;
  readonly title: string;
  readonly name: string;
  readonly detail?: string;
  readonly range?: { readonly min: number; readonly max?: number };
};

const link = (type: string) => `https://docs.api.video/reference/${type}`;

function problem(status: number, type: string, title: string, more: object = {}, headers = {}): Answer {
  return { status, json: { type: link(type), title, status, ...more }, headers };
}

/** 400 with the first complaint on top and, if there are several, all of them under `problems`. */
export function refuse(first: Complaint, ...others: readonly Complaint[]): Answer {
  const problems = others.length > 0 ? { problems: [first, ...others] } : {};
  return { status: 400, json: { ...first, status: 400, ...problems } };
}

export function requiredAttribute(name: string): Complaint {
  return { type: link('attribute-required'), title: 'This attribute is required.', name };
}

/** `expected` is a noun with its article, such as "an array". */
export function wrongAttribute(name: string, expected: string): Complaint {
  return { type: link('invalid-attribute'), title: `This attribute must be ${expected}.`, name };
}

export function invalidAttribute(name: string, detail: string): Complaint {
  return { type: link('invalid-attribute'), title: 'An attribute is invalid.', detail, name };
}

export function invalidQuery(name: string, detail: string): Complaint {
  return { type: link('invalid-query-parameter'), title: 'A query parameter is invalid.', detail, name };
}

/** Upstream gives this one no type. */
export function outOfRange(name: string, range: { min: number; max?: number }): Complaint {
  return { title: 'This parameter is out of the allowed range of values.', name, range };
}

export const notFound = () =>
  problem(404, 'resource-not-found', 'The requested resource was not found.', { name: 'videoId' });

export const unrecognizedUrl = () => problem(404, 'unrecognized-request-url', 'Unrecognized request URL.');

export const methodNotAllowed = (allowed: readonly string[]) =>
  problem(405, 'method-not-allowed', 'Method not allowed.', {}, { Allow: allowed.join(', ') });

export const wrongCredentials = () =>
  problem(400, 'authentication-invalid-user-credentials', 'The user credentials were incorrect.', {
    name: '',
  });

export const missingAuthorization = () =>
  problem(401, 'authentication-missing-authorization-header', 'The Authorization header is missing.');

export const invalidAuthorization = () =>
  problem(
    401,
    'authentication-invalid-access-token',
    'The access token or API key is invalid or has expired.',
  );

export const malformedBody = () =>
  problem(400, 'invalid-payload', 'The request body is not valid.', { detail: 'Send one JSON object.' });

export const bodyTooLarge = () => problem(413, 'payload-too-large', 'The request body is larger than 1 MB.');

export const tooManyRequests = () => problem(429, 'too-many-requests', 'Too many requests.');

export const internalError = (detail: string) =>
  problem(500, 'internal-error', 'The sandbox itself failed.', { detail });
