// The codes of errors that are the caller's, of a spent budget, and the last resort.
import { GraphQLError } from 'graphql';
import { describe, expect, test } from 'vitest';
import { toClientError } from '../../src/errors.ts';
import { toFailureText } from '../../src/failure-messages.ts';
import { captureLog } from '../support/capture-log.ts';
import { createVideos } from '../support/create-videos.ts';
import { toProblem } from '../support/problem.ts';
import { startTestGateway } from '../support/test-gateway.ts';

test.each([
  ['PERMANENT_DELETION_REFUSED', /would be permanent, and the gateway did not make it\. Turn it on/],
  ['NOT_ATTEMPTED', /^This call did not change this video: /],
  ['UPSTREAM_UNAVAILABLE', /^api\.video, or a proxy on the way to it, could not be reached or failed\. /],
] as const)('the message of %s says who did what', (code, message) => {
  expect(toFailureText({ kind: 'failed', code }).message).toMatch(message);
});

describe('a wrong document or a wrong variable sends nothing, and', () => {
  test.each([
    ['a document that is none is GRAPHQL_PARSE_FAILED', { query: '{ videos {' }, 'GRAPHQL_PARSE_FAILED'],
    ['an empty document is BAD_USER_INPUT', { query: '' }, 'BAD_USER_INPUT'],
    [
      'an unknown field is GRAPHQL_VALIDATION_FAILED',
      { query: '{ films { id } }' },
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'an argument of the wrong type is GRAPHQL_VALIDATION_FAILED',
      { query: '{ videos(first: "ten") { totalCount } }' },
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'a variable of the wrong type is BAD_USER_INPUT',
      { query: 'query ($first: Int) { videos(first: $first) { totalCount } }', variables: { first: 'ten' } },
      'BAD_USER_INPUT',
    ],
    [
      'a variable that is missing is BAD_USER_INPUT',
      { query: 'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { summary { requested } } }' },
      'BAD_USER_INPUT',
    ],
    [
      'a null among ids is BAD_USER_INPUT',
      {
        query: 'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { summary { requested } } }',
        variables: { ids: ['viOne', null] },
      },
      'BAD_USER_INPUT',
    ],
    [
      'an operation name that no operation has is OPERATION_RESOLUTION_FAILURE',
      { query: 'query A { __typename } query B { __typename }', operationName: 'C' },
      'OPERATION_RESOLUTION_FAILURE',
    ],
  ])('%s', async (_name, body, code) => {
    await using started = await startTestGateway();
    const { sandbox, post } = started;

    const answer = await post(body);

    expect(answer.data).toBeUndefined();
    expect(answer.errors.map(({ extensions }) => extensions)).toEqual(answer.errors.map(() => ({ code })));
    expect(answer.errors.length).toBeGreaterThan(0);
    expect(sandbox.requests).toEqual([]);
  });
});

test('what a client did wrong is no error for the log of an operator', async () => {
  const { logger, lines } = captureLog('warn');
  await using started = await startTestGateway({ logger });
  const { post } = started;

  for (const body of [
    { query: '{ videos {' },
    { query: '{ films { id } }' },
    { query: 'query A { __typename } query B { __typename }', operationName: 'C' },
    { query: 'query ($first: Int) { videos(first: $first) { totalCount } }', variables: { first: 'ten' } },
    { query: '{ videos(first: -1) { totalCount } }' },
  ]) {
    expect((await post(body)).errors).not.toEqual([]);
  }

  expect(lines).toEqual([]);
});

test.each([
  { what: 'upstream’s markup', status: 200, body: '<html></html>', told: /the body is not JSON/ },
  { what: 'upstream’s refusal', status: 403, body: toProblem(403), told: /403 \(invalid-attribute\)/ },
  { what: 'a refusal that is not upstream’s', status: 403, body: '{"status":403}', told: /403 \(without/ },
  { what: 'nothing where a client’s arguments are', status: 400, body: toProblem(400), told: undefined },
])('an operator is told of $what at fault, and why', async ({ status, body, told }) => {
  const { logger, lines } = captureLog('error');
  await using started = await startTestGateway({ logger });
  const { sandbox, post } = started;
  sandbox.setFault(({ path }) =>
    path === '/videos' ? { kind: 'answer', acts: false, status, body } : undefined,
  );

  expect((await post({ query: '{ videos { totalCount } }' })).errors).toHaveLength(1);

  const line = { msg: expect.stringMatching(told ?? ''), requestId: expect.any(String) };
  expect(lines).toMatchObject(told ? [line] : []);
});

test('says which variable is wrong, and what was expected', async () => {
  await using started = await startTestGateway();
  const { post } = started;

  const { errors } = await post({
    query: 'query ($first: Int) { videos(first: $first) { totalCount } }',
    variables: { first: 'ten' },
  });

  expect(errors).toMatchObject([
    { message: 'Variable "$first" got invalid value "ten"; Int cannot represent non-integer value: "ten"' },
  ]);
});

test('answers upstreamBudget and videoRestore from what was seen, and sends nothing', async () => {
  await using started = await startTestGateway();
  const { sandbox, post } = started;

  const { data, errors } = await post({
    query: `{
      upstreamBudget { reads { limitPerMinute remaining resetsAt } writes { limitPerMinute remaining resetsAt } }
      videoRestore { status observedAt }
    }`,
  });

  const unknown = { limitPerMinute: null, remaining: null, resetsAt: null };
  expect(errors).toEqual([]);
  expect(data).toEqual({
    upstreamBudget: { reads: unknown, writes: unknown },
    videoRestore: { status: 'UNKNOWN', observedAt: null },
  });
  expect(sandbox.requests).toEqual([]);
});

describe('where the reads are spent and the reset lies beyond the wait', () => {
  test('a query is UPSTREAM_BUDGET_EXHAUSTED at once, with the seconds until the reset', async () => {
    const { videos, ids } = createVideos(1);
    await using started = await startTestGateway({ videos });
    const { sandbox, post } = started;
    sandbox.spend('reads', 500);

    const { data, errors } = await post({
      query: 'query ($id: ID!) { video(id: $id) { id } videoRestore { status } }',
      variables: { id: ids[0] },
    });

    expect(data).toEqual({ video: null, videoRestore: { status: 'UNKNOWN' } });
    expect(errors).toMatchObject([{ path: ['video'], extensions: { code: 'UPSTREAM_BUDGET_EXHAUSTED' } }]);
    const [error] = errors;
    expect(error?.extensions?.retryAfterSeconds).toSatisfy((seconds) => Number.isInteger(seconds));
    expect(error?.extensions?.retryAfterSeconds).toBeGreaterThan(20);
    expect(error?.extensions?.retryAfterSeconds).toBeLessThanOrEqual(61);
    expect(JSON.stringify(errors)).not.toContain('429');
    // One read found out; it is not sent again into a window that is spent.
    expect(sandbox.requests.filter(({ kind }) => kind === 'read')).toHaveLength(1);
  });

  test('the budget is told from then on, and still sends nothing', async () => {
    await using started = await startTestGateway();
    const { sandbox, post } = started;
    sandbox.spend('reads', 500);
    await post({ query: '{ videos { totalCount } }' });
    const before = sandbox.requests.length;

    const { data } = await post({ query: '{ upstreamBudget { reads { limitPerMinute remaining } } }' });

    expect(data).toEqual({ upstreamBudget: { reads: { limitPerMinute: 500, remaining: 0 } } });
    expect(sandbox.requests).toHaveLength(before);
  });
});

describe('toClientError', () => {
  test.each([
    ['an exception', new Error('password is hunter2')],
    [
      'an exception at a field',
      new GraphQLError('hunter2', { path: ['a'], originalError: new Error('hunter2') }),
    ],
    ['a string that was thrown', 'hunter2'],
    ['nothing that was thrown', undefined],
    ['an object that was thrown', { message: 'hunter2', code: 'hunter2' }],
  ])('shows of %s only that something went wrong', (_name, error) => {
    const shown = toClientError(error).toJSON();

    expect(shown.message).toBe('Something went wrong in the gateway.');
    expect(shown.extensions?.code).toBe('INTERNAL_SERVER_ERROR');
    expect(JSON.stringify(shown)).not.toContain('hunter2');
  });

  test('leaves out whatever else stands in the extensions of a known error', () => {
    const known = new GraphQLError('Wrong.', {
      extensions: { code: 'GRAPHQL_PARSE_FAILED', originalError: 'hunter2' },
    });

    expect(toClientError(known).toJSON()).toEqual({
      message: 'Wrong.',
      extensions: { code: 'GRAPHQL_PARSE_FAILED' },
    });
  });
});
