// What every answer tells a browser, whatever the answer is.
import { expect, test } from 'vitest';
import { startListeningGateway } from '../support/listening-gateway.ts';

const json = { 'content-type': 'application/json' };

test.each([
  ['data', { path: '/graphql?query={__typename}' }],
  ['errors', { path: '/graphql?query={nothing}' }],
  ['a mutation over GET', { path: '/graphql?query=mutation{__typename}' }],
  ['a body that is none', { method: 'POST', headers: json, body: ['{'] }],
  ['a form', { method: 'POST', body: ['query={__typename}'] }],
  ['a body that is too large', { method: 'POST', headers: { ...json, 'content-length': '9999999' } }],
  ['another method', { method: 'DELETE' }],
  ['a foreign page', { headers: { 'sec-fetch-site': 'cross-site' } }],
  ['a foreign host', { headers: { host: 'evil.example' } }],
  ['an address that is none', { headers: { host: 'a b' } }],
  ['an unknown path', { path: '/nowhere' }],
  ['/health', { path: '/health' }],
  ['/ready', { path: '/ready' }],
])('an answer to %s is not stored, framed, sniffed or loaded elsewhere', async (_name, request) => {
  await using started = await startListeningGateway();
  const { send } = started;

  const { headers } = await send(request);

  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  });
  expect(headers).not.toHaveProperty('server');
  expect(headers).not.toHaveProperty('x-powered-by');
});

test('GraphiQL keeps its own policy, under which it works, and is framed by nobody', async () => {
  await using started = await startListeningGateway();
  const { send } = started;

  const { headers } = await send({ headers: { accept: 'text/html' } });

  expect(headers['content-security-policy']).toMatch(
    /^default-src 'none'; script-src .*frame-ancestors 'none'$/,
  );
  expect(headers).toMatchObject({
    'cache-control': 'no-cache',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  });
});

test('GraphiQL is not served if it is off', async () => {
  await using started = await startListeningGateway({ env: { GRAPHIQL: 'off' } });
  const { send } = started;

  const { status, body } = await send({ headers: { accept: 'text/html' } });

  expect(status).not.toBe(200);
  expect(body).not.toContain('<');
});
