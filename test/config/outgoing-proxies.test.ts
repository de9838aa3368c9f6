import { describe, expect, test } from 'vitest';
import { findProxy, readOutgoingProxies } from '../../src/config/outgoing-proxies.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { readCode, readRows, readText } from '../docs/read-documents.ts';
import { readFaults } from '../support/read-faults.ts';

const PROXY = 'http://proxy.test:3128';
const API_VIDEO = [new URL('https://ws.api.video')];

function find(env: Record<string, string>, url: string): string | undefined {
  const { proxies, faults, warnings } = readOutgoingProxies(env, [new URL(url)]);
  // An item of NO_PROXY may be none.
  expect([...faults, ...warnings.filter((text) => !text.startsWith('NO_PROXY'))]).toEqual([]);
  return findProxy(proxies, new URL(url))?.href;
}

test.each([
  [{ HTTPS_PROXY: PROXY }, 'https://ws.api.video', `${PROXY}/`],
  [{ https_proxy: PROXY }, 'https://ws.api.video', `${PROXY}/`],
  [{ https_proxy: PROXY, HTTPS_PROXY: 'http://other.test' }, 'https://ws.api.video', `${PROXY}/`],
  [{ https_proxy: ' ', HTTPS_PROXY: PROXY }, 'https://ws.api.video', `${PROXY}/`],
  [{ HTTPS_PROXY: PROXY }, 'http://video.test', undefined],
  [{ HTTP_PROXY: PROXY }, 'http://video.test', `${PROXY}/`],
  [{ HTTP_PROXY: PROXY }, 'https://ws.api.video', `${PROXY}/`],
  [{ HTTP_PROXY: PROXY, HTTPS_PROXY: 'https://safe.test' }, 'https://ws.api.video', 'https://safe.test/'],
  [{ HTTPS_PROXY: 'proxy.test:3128' }, 'https://ws.api.video', `${PROXY}/`],
  [
    { HTTPS_PROXY: 'user:secret@proxy.test:3128' },
    'https://ws.api.video',
    'http://user:secret@proxy.test:3128/',
  ],
  // What env files, editors and shells leave around a value.
  [{ HTTPS_PROXY: `"${PROXY}"\r` }, 'https://ws.api.video', `${PROXY}/`],
  [{ https_proxy: `\ufeff'${PROXY}'\u200b` }, 'https://ws.api.video', `${PROXY}/`],
  [{ HTTP_PROXY: `\u00a0“${PROXY}”` }, 'http://video.test', `${PROXY}/`],
  [{ https_proxy: '""', HTTPS_PROXY: PROXY }, 'https://ws.api.video', `${PROXY}/`],
  [{}, 'https://ws.api.video', undefined],
  // This machine is never reached through a proxy.
  [{ HTTP_PROXY: PROXY }, 'http://localhost:4318', undefined],
  [{ HTTP_PROXY: PROXY }, 'http://127.0.0.1:9', undefined],
  [{ HTTP_PROXY: PROXY }, 'http://127.8.8.8', undefined],
  [{ HTTP_PROXY: PROXY }, 'http://[::1]:9', undefined],
])('with %j, %s is reached through %s', (env, url, proxy) => {
  expect(find(env, url)).toBe(proxy);
});

test.each([
  ['*', 'https://ws.api.video', false],
  ['ws.api.video', 'https://ws.api.video', false],
  ['WS.API.VIDEO.', 'https://ws.api.video', false],
  ['api.video', 'https://ws.api.video', false],
  ['.api.video', 'https://ws.api.video', false],
  ['*.api.video', 'https://ws.api.video', false],
  ['*.api.video', 'https://api.video', true],
  ['.api.video', 'https://api.video', false],
  ['i.video', 'https://ws.api.video', true],
  ['.', 'https://ws.api.video', true],
  ['ws.api.video:443', 'https://ws.api.video', false],
  ['ws.api.video:8443', 'https://ws.api.video', true],
  ['*:8443', 'https://ws.api.video:8443', false],
  ['*:8443', 'https://ws.api.video', true],
  ['localhost, ws.api.video', 'https://ws.api.video', false],
  ['localhost ws.api.video,', 'https://ws.api.video', false],
  ['"ws.api.video"', 'https://ws.api.video', false],
  [`'localhost', "ws.api.video"\r`, 'https://ws.api.video', false],
  ['\u200blocalhost,\u200bws.api.video\u2060\ufeff', 'https://ws.api.video', false],
  ['10.0.0.0/8', 'https://10.1.2.3', false],
  ['10.0.0.0/8', 'https://11.1.2.3', true],
  ['10.0.0.0/8', 'https://[::ffff:10.1.2.3]', false],
  ['10.1.2.3', 'https://10.1.2.3:8443', false],
  ['10.0.0.0/99', 'https://10.1.2.3', true],
  ['10.0.0.0/8', 'https://ws.api.video', true],
  ['2001:db8::/32', 'https://[2001:db8::7]', false],
  ['[2001:db8::7]:443', 'https://[2001:db8::7]', false],
  ['[2001:db8::7]:444', 'https://[2001:db8::7]', true],
  ['2001:DB8::7', 'https://[2001:db8::7]', false],
  ['München.de', 'https://münchen.de', false],
  ['.münchen.de:443', 'https://a.xn--mnchen-3ya.de', false],
  ['*.münchen.de', 'https://münchen.de', true],
  ['https://münchen.de', 'https://https', true],
])('with NO_PROXY=%s, whether %s is reached through the proxy is %s', (exceptions, url, isProxied) => {
  for (const name of ['NO_PROXY', 'no_proxy'])
    expect(find({ HTTPS_PROXY: PROXY, [name]: exceptions }, url)).toBe(isProxied ? `${PROXY}/` : undefined);
});

test.each([
  'https://localhost',
  'https://localhost.',
  'https://LOCALHOST.:8443',
  'https://127.0.0.1.',
  'http://[::ffff:127.0.0.1]:9',
  'http://0.0.0.0',
  'http://[::]',
  'http://foo.localhost',
])('%s is this machine, and never reached through a proxy', (url) => {
  expect(find({ HTTP_PROXY: PROXY }, url)).toBeUndefined();
});

test('a warning names the items of NO_PROXY that can match no host', () => {
  const fitting =
    '*,*:8443,.a.test,*.a.test,localhost:80,10.0.0.0/8,10.1.2.3:80,[2001:db8::7]:443,münchen.de';
  const idle = ['https://example.com', 'https://münchen.de', '192.168.1.*', 'a;b', '10.0.0.0/99', '.'];
  const { warnings } = readConfig({ APIVIDEO_API_KEY: 'key', NO_PROXY: [fitting, ...idle].join() });
  expect(warnings).toEqual(idle.map((item) => expect.stringContaining(`NO_PROXY: "${item}" has no effect`)));
  const [secret] = readConfig({ APIVIDEO_API_KEY: 'key', NO_PROXY: 'http://a:hunter2@b' }).warnings;
  expect(secret).toMatch(/^NO_PROXY: An item has no effect/);
});

describe('the gateway does not start with', () => {
  test.each([
    'socks5://proxy.test:1080',
    'ftp://proxy.test',
    'http://',
    'http://proxy.test:99999',
    'http://proxy.test/path',
    'http://proxy.test?query',
    'two words',
    'http://proxy.test:31x28',
    '3128',
    'http://3128',
    '3128:80',
    'proxy.test,',
  ])('%s as a proxy, and the message names the variable and the value', (value) => {
    const { faults } = readOutgoingProxies({ https_proxy: value }, API_VIDEO);
    expect(faults).toEqual([
      expect.stringMatching(/^https_proxy: expected the http or https URL of a proxy/),
    ]);
    expect(faults[0]).toContain(value);
  });

  test.each([
    ['http://pro\u200bxy.test', String.raw`"http://pro\u200bxy.test"`],
    ['http://pro\nxy.test', String.raw`"http://pro\nxy.test"`],
  ])('an invisible character in one, which the message shows: %j', (value, got) => {
    const { faults } = readOutgoingProxies({ HTTPS_PROXY: value }, API_VIDEO);
    expect(faults).toEqual([
      expect.stringMatching(/^HTTPS_PROXY: expected the http or https URL of a proxy/),
    ]);
    expect(faults[0]).toContain(`, and got ${got}`);
  });

  test.each([
    ['\ufeffHTTPS_PROXY', 'HTTPS_PROXY', 'a byte order mark (U+FEFF) at its start'],
    ['http_proxy ', 'http_proxy', 'a blank at its end'],
    ['"NO_PROXY"', 'NO_PROXY', 'quotes around it'],
  ])('something around a name, which would leave the variable out: %j', (name, meant, got) => {
    const fault = `${meant}: expected a variable of exactly this name, and got one with ${got}`;
    expect(readOutgoingProxies({ [name]: 'proxy.test' }, API_VIDEO).faults).toEqual([fault]);
    expect(readFaults({ APIVIDEO_API_KEY: 'key', [name]: 'proxy.test' })).toEqual([fault]);
    expect(readFaults({ APIVIDEO_API_KEY: 'key', [name]: ' ' })).toEqual([]);
  });

  test.each([
    'socks5://user:secret@proxy.test',
    'http://user:50%secret@proxy.test',
    'user:secret@proxy.test/path',
  ])('a password in a wrong one, which the message does not show: %s', (value) => {
    const { faults } = readOutgoingProxies({ HTTP_PROXY: value }, API_VIDEO);
    expect(faults).toHaveLength(1);
    expect(faults[0]).not.toContain('secret');
  });

  test('wrong proxies and other faults, all in one message', () => {
    const env = {
      PORT: 'x',
      HTTP_PROXY: 'socks5://a.test',
      HTTPS_PROXY: 'ftp://b.test',
      APIVIDEO_API_KEY: 'key',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.test:4318',
    };
    expect(() => readConfig(env)).toThrow(/PORT: [\s\S]*HTTP_PROXY: [\s\S]*HTTPS_PROXY: /);
  });
});

describe('a proxy that cannot be used', () => {
  const SOCKS = 'socks5://user:secret@proxy.test:1080';
  const key = { APIVIDEO_API_KEY: 'key' };
  const local = { ...key, APIVIDEO_BASE_URL: 'http://127.0.0.1:9' };
  const jwt = { AUTH: 'jwt', JWT_ISSUER: 'issuer', JWT_AUDIENCE: 'audience' };

  test.each([
    ['api.video', { ...key, HTTPS_PROXY: SOCKS }, 'HTTPS_PROXY'],
    ['api.video', { ...key, HTTP_PROXY: SOCKS }, 'HTTP_PROXY'],
    [
      'the key server',
      { ...local, ...jwt, JWT_JWKS_URL: 'https://keys.test/', HTTPS_PROXY: SOCKS },
      'HTTPS_PROXY',
    ],
    [
      'the collector',
      { ...local, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector.test/v1', http_proxy: SOCKS },
      'http_proxy',
    ],
  ])('stops the start if %s is reached through it', (_destination, env, name) => {
    expect(readFaults(env)).toEqual([
      expect.stringContaining(`${name}: expected the http or https URL of a`),
    ]);
  });

  test.each([
    ['the sandbox', { HTTPS_PROXY: SOCKS }],
    ['hosts in NO_PROXY', { ...key, HTTPS_PROXY: SOCKS, NO_PROXY: '*' }],
    ['hosts of the other scheme', { ...key, HTTP_PROXY: SOCKS, HTTPS_PROXY: PROXY }],
    [
      'a collector that gets no traces',
      {
        ...local,
        OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.test',
        OTEL_SDK_DISABLED: 'true',
        HTTPS_PROXY: SOCKS,
      },
    ],
  ])('is only a warning, without the password, if the gateway only reaches %s', (_destination, env) => {
    const { warnings } = readConfig(env, { sandbox: true });
    expect(warnings).toEqual([expect.stringMatching(/^HTTPS?_PROXY: expected .*; the gateway ignores it/)]);
    expect(warnings[0]).not.toContain('secret');
  });
});

test('docs/configuration.md names the variables that have an effect', () => {
  const rows = readRows(readText('docs/configuration.md'), 'proxy variable');
  const names = rows.flatMap((row) => readCode(row['proxy variable'] ?? ''));
  const env = Object.fromEntries(names.map((name) => [name, 'proxy.test']));
  const host = new URL(PROXY).hostname;
  expect(readOutgoingProxies(env, []).proxies).toMatchObject({
    http: { hostname: host },
    https: { hostname: host },
    exceptions: [host],
  });
});
