// What the app concludes from an answer that is none, or that is an error.
import { CombinedGraphQLErrors, ServerError, ServerParseError } from '@apollo/client/errors';
import { beforeAll, describe, test, vi } from 'vitest';

type Faults = typeof import('../../web/session/faults.ts');
let faults: Faults;

beforeAll(async () => {
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('navigator', { onLine: true });
  faults = await import('../../web/session/faults.ts');
});

const failed = (status: number, bodyText: string) =>
  new ServerError('failed', { response: new Response(null, { status }), bodyText });
const refusal = (code: string, path?: readonly (string | number)[]) =>
  JSON.stringify({ errors: [{ message: 'The reason.', extensions: { code }, ...(path && { path }) }] });
const withErrors = (...errors: { code?: string; path?: (string | number)[] }[]) =>
  new CombinedGraphQLErrors({
    errors: errors.map(({ code, path }) => ({
      message: 'The reason.',
      ...(code && { extensions: { code } }),
      ...(path && { path }),
    })),
  });

describe('the gateway has certainly done nothing', () => {
  test.for([
    ['no place for the request', failed(503, refusal('OVERLOADED'))],
    ['no keys to verify a token with', failed(503, refusal('UPSTREAM_UNAVAILABLE'))],
    ['a body that came too slowly', failed(408, refusal('OVERLOADED'))],
    ['no valid token', failed(401, refusal('UNAUTHENTICATED'))],
    ['a token without the scope', withErrors({ code: 'FORBIDDEN', path: ['deleteVideos'] })],
    ['a wrong argument', withErrors({ code: 'BAD_USER_INPUT' })],
    ['no store of operations', withErrors({ code: 'STORAGE_UNAVAILABLE', path: ['deleteVideos'] })],
    ['a 401 of a proxy', failed(401, '<h1>Sign in</h1>')],
    ['a 403 of a proxy', failed(403, '')],
    ['a 413 of a proxy', failed(413, '<h1>Request Entity Too Large</h1>')],
    ['a 429 of a proxy', failed(429, '')],
  ] as const)('after %s', ([, error], { expect }) => {
    expect(faults.isAnswerLost(error)).toBe(false);
  });
});

describe('nobody knows what the gateway has done', () => {
  test.for([
    ['a broken connection', new TypeError('Failed to fetch')],
    ['an aborted request', new DOMException('Aborted', 'AbortError')],
    ['a truncated answer', new ServerParseError('x', { response: new Response(), bodyText: '{"data":' })],
    ['a page', new ServerParseError('x', { response: new Response(), bodyText: '<h1>Welcome</h1>' })],
    ['a 502 of a proxy', failed(502, '<h1>Bad Gateway</h1>')],
    ['a 503 of a proxy', failed(503, '<h1>Service Unavailable</h1>')],
    ['a 503 of a proxy in JSON', failed(503, '{"error":"OVERLOADED"}')],
    ['a 504 of a proxy', failed(504, '')],
    ['a 408 of a proxy', failed(408, '')],
    ['a fault of the gateway', withErrors({ code: 'INTERNAL_SERVER_ERROR', path: ['deleteVideos'] })],
    [
      'a field that could not reach api.video',
      withErrors({ code: 'UPSTREAM_UNAVAILABLE', path: ['deleteVideos'] }),
    ],
    ['an error without a code', withErrors({})],
    ['one error of two', withErrors({ code: 'FORBIDDEN' }, { code: 'INTERNAL_SERVER_ERROR' })],
    [
      'a field of a deleted video that may not be read',
      withErrors({ code: 'FORBIDDEN', path: ['deleteVideos', 'results', 0, 'video', 'title'] }),
    ],
  ] as const)('after %s', ([, error], { expect }) => {
    expect(faults.isAnswerLost(error)).toBe(true);
  });
});

test.for([
  [failed(401, refusal('UNAUTHENTICATED')), 'You are not signed in.'],
  [withErrors({ code: 'UNAUTHENTICATED' }), 'You are not signed in.'],
  [failed(401, ''), 'You are not signed in.'],
  [withErrors({ code: 'FORBIDDEN', path: ['videos'] }), 'You may not do this.'],
  [failed(403, '<h1>Forbidden</h1>'), 'You may not do this.'],
  [failed(503, refusal('OVERLOADED')), 'The gateway has too much to do. Try again in a moment.'],
  [failed(503, refusal('UPSTREAM_UNAVAILABLE')), 'The reason.'],
  [withErrors({ code: 'BAD_USER_INPUT' }), 'The reason.'],
  [withErrors({ code: 'UPSTREAM_UNAUTHORIZED' }), 'api.video does not accept the credentials.'],
  [failed(502, '<h1>Bad Gateway</h1>'), 'The gateway could not be reached.'],
  [failed(500, ''), 'The gateway answered with an error (500).'],
  [failed(413, ''), 'This is more than the server in front of the gateway takes at a time.'],
  [failed(429, ''), 'Too many requests at once. Try again in a moment.'],
  [new TypeError('Failed to fetch'), 'The gateway could not be reached.'],
  [
    new ServerParseError('x', { response: new Response(), bodyText: '<h1>' }),
    'The answer did not come from the gateway. Load the page again: you may have to sign in.',
  ],
] as const)('%s is explained', ([error, sentence], { expect }) => {
  expect(faults.explain(error)).toBe(sentence);
});

test('reads that are used up are explained with the wait', ({ expect }) => {
  const error = new CombinedGraphQLErrors({
    errors: [{ message: 'x', extensions: { code: 'UPSTREAM_BUDGET_EXHAUSTED', retryAfterSeconds: 41 } }],
  });
  expect(faults.explain(error)).toContain('Try again in 41 s.');
});
