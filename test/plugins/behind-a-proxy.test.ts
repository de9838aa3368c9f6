// What a gateway makes of requests that a proxy has passed on: by whom they were sent, and whether they may come at all.
import { describe, expect, test } from 'vitest';
import { createReadClientAddress } from '../../src/plugins/client-address.ts';
import { captureLog } from '../support/capture-log.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';

const QUERY = `/graphql?query=${encodeURIComponent('{ videos { totalCount } }')}`;

describe('the address of the client', () => {
  test.each([
    ['is the peer', [], '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    [
      'is the peer that nobody trusts, whatever it says',
      ['10.0.0.0/8'],
      '203.0.113.9',
      '198.51.100.1',
      '203.0.113.9',
    ],
    ['is what a trusted proxy says', ['10.0.0.0/8'], '10.1.2.3', '198.51.100.1', '198.51.100.1'],
    [
      'is the last that a trusted proxy saw',
      ['10.0.0.0/8'],
      '10.1.2.3',
      '1.1.1.1, 198.51.100.1',
      '198.51.100.1',
    ],
    [
      'is found behind a chain of trusted ones',
      ['10.0.0.0/8'],
      '10.1.2.3',
      '1.1.1.1,198.51.100.1, 10.9.9.9',
      '198.51.100.1',
    ],
    ['is the proxy where it says nothing', ['10.0.0.0/8'], '10.1.2.3', undefined, '10.1.2.3'],
    ['is the proxy where it says what is no address', ['10.0.0.0/8'], '10.1.2.3', 'unknown', '10.1.2.3'],
    ['is the first, where all are trusted', ['10.0.0.0/8'], '10.1.2.3', '10.0.0.1, 10.0.0.2', '10.0.0.1'],
    ['comes without a port', ['10.0.0.0/8'], '10.1.2.3', '198.51.100.1:4711', '198.51.100.1'],
    ['comes without brackets', ['::1'], '::1', '[2001:db8::7]:4711', '2001:db8::7'],
    [
      'of IPv4 in IPv6 is that of IPv4',
      ['10.0.0.0/8'],
      '::ffff:10.1.2.3',
      '::ffff:198.51.100.1',
      '198.51.100.1',
    ],
    ['of a socket without one is unknown', ['10.0.0.0/8'], undefined, '198.51.100.1', undefined],
    [
      'is sought in a bounded number of entries',
      ['10.0.0.0/8'],
      '10.1.2.3',
      `6.6.6.6${', 10.0.0.1'.repeat(5000)}`,
      '10.0.0.1',
    ],
  ])('%s', (_name, trusted, remoteAddress, forwardedFor, expected) => {
    const read = createReadClientAddress(trusted);
    expect(read({ headers: { 'x-forwarded-for': forwardedFor }, socket: { remoteAddress } })).toBe(expected);
  });

  test.each([
    ['the proxy, which nobody trusts', '', '127.0.0.1'],
    ['the client, where the proxy is trusted', '127.0.0.1', '198.51.100.1'],
  ])('in the log is that of %s', async (_name, trustedProxies, address) => {
    const { logger, lines } = captureLog('info');
    const env = { TRUSTED_PROXIES: trustedProxies, ALLOW_UNAUTHENTICATED: 'true' };
    await using started = await startListeningGateway({ logger, env });

    await started.send({ path: QUERY, headers: { 'x-forwarded-for': '203.0.113.1, 198.51.100.1' } });

    expect(lines).toMatchObject([{ address }]);
  });
});

describe('a gateway that lets anyone on its machine call', () => {
  const headers = [
    { 'x-forwarded-for': '203.0.113.1' },
    { 'x-forwarded-host': 'videos.example.com' },
    { 'x-forwarded-proto': 'https' },
    { 'x-real-ip': '203.0.113.1' },
    { forwarded: 'for=203.0.113.1' },
    { via: '1.1 proxy' },
  ];

  test.each(headers)('refuses a request that a proxy has passed on: %o', async (header) => {
    const { logger, lines } = captureLog('info');
    await using started = await startListeningGateway({ logger });
    const { sandbox, send } = started;

    const answers = [
      await send({ path: QUERY, headers: header }),
      await send({ path: '/metrics', headers: header }),
      await send({ path: '/graphql', headers: { ...header, accept: 'text/html' } }),
    ];

    for (const { status, body } of answers) {
      expect(status).toBe(403);
      expect(JSON.parse(body)).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    }
    expect((await send({ path: '/health', headers: header })).status).toBe(200);
    expect(sandbox.requests).toEqual([]);
    const warnings = lines.filter(({ level }) => level === 40);
    expect(warnings.map(({ msg }) => msg)).toEqual([expect.stringContaining('ALLOW_UNAUTHENTICATED=true')]);
  });

  test.each([
    ['its operator says that the proxy authenticates', { ALLOW_UNAUTHENTICATED: 'true' }],
    ['callers bring a token', { AUTH: 'passthrough', APIVIDEO_API_KEY: '' }],
  ])('does not, where %s', async (_name, env) => {
    await using started = await startListeningGateway({ env });

    for (const header of headers) {
      const { body } = await started.send({ path: '/graphql?query={__typename}', headers: header });
      expect(body).not.toContain('FORBIDDEN');
    }
  });
});

describe('the names of hosts', () => {
  test('that are allowed are served, in any case and on any port', async () => {
    await using started = await startListeningGateway({
      env: { ALLOWED_HOSTS: 'Videos.example.com,[fd00::7],fd00::9,a.example.' },
    });

    const served = ['videos.example.com', 'VIDEOS.EXAMPLE.COM:8443', 'videos.example.com.', 'a.example'];
    const addresses = ['[fd00::7]', '[fd00:0:0::7]:8443', '[fd00::9]'];
    for (const host of [...served, ...addresses, 'localhost:4000', 'LOCALHOST.']) {
      const { status } = await started.send({ path: '/graphql?query={__typename}', headers: { host } });
      expect(status, host).toBe(200);
    }
    for (const host of ['example.com', 'x.videos.example.com', '[fd00::8]']) {
      const { status } = await started.send({ path: '/graphql?query={__typename}', headers: { host } });
      expect(status, host).toBe(403);
    }
  });

  test('that are refused are logged once an hour each, and a hundred at most', async () => {
    const { logger, lines } = captureLog('info');
    await using started = await startListeningGateway({ logger });

    for (const host of ['a.example', 'a.example', 'b.example'])
      await started.send({ path: '/health', headers: { host } });
    expect(lines.map(({ msg }) => msg)).toEqual([
      expect.stringContaining('"a.example"'),
      expect.stringContaining('"b.example"'),
    ]);
    expect(lines[0]?.msg).toContain('ALLOWED_HOSTS');

    for (let index = 0; index < 200; index += 1)
      await started.send({ path: '/health', headers: { host: `host${index}.example` } });
    expect(lines).toHaveLength(101);
  });
});
