import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';
import { readFaults } from '../support/read-faults.ts';

const KEY = { APIVIDEO_API_KEY: 'theKeyOfTheProject' };
const LIST = 'comma-separated texts without quotes or blanks, and without a bracket at the start';
const TEXT = 'a text without quotes or blanks, and without a bracket at the start';

test('has a default for everything but the key', () => {
  expect(readConfig(KEY, { sandbox: false })).toEqual({
    port: 4000,
    host: '127.0.0.1',
    allowedHosts: [],
    trustedProxies: [],
    keepAliveSeconds: 65,
    drainDelaySeconds: 0,
    sandbox: false,
    apiKey: 'theKeyOfTheProject',
    baseUrl: new URL('https://ws.api.video'),
    proxies: { exceptions: [] },
    dialect: 'auto',
    videoRestore: 'probe',
    permanentDeletion: 'refuse',
    maxIds: 1000,
    operations: {
      store: { kind: 'none' },
      secretKey: undefined,
      maxBackgroundIds: 100_000,
      maxOpenOperations: 100,
    },
    upstreamConcurrency: 5,
    upstreamTimeoutMs: 10_000,
    upstreamLagMs: 2000,
    readCacheSeconds: 1,
    corsOrigins: [],
    introspection: true,
    graphiql: true,
    webApp: true,
    persistedOperations: undefined,
    maxRequests: 1000,
    logLevel: 'info',
    allowUnauthenticated: false,
    auth: { mode: 'none' },
    metrics: true,
    traces: undefined,
    warnings: [],
  });
});

test('takes an empty variable, or one of blanks, for one that is not set', () => {
  const names = [
    'PORT',
    'HOST',
    'APIVIDEO_BASE_URL',
    'APIVIDEO_DIALECT',
    'VIDEO_RESTORE',
    'PERMANENT_DELETION',
    'MAX_IDS',
    'DATA_DIR',
    'DATABASE_URL',
    'DATABASE_URL_FILE',
    'SECRET_KEY',
    'SECRET_KEY_FILE',
    'MAX_BACKGROUND_IDS',
    'MAX_OPEN_OPERATIONS',
    'UPSTREAM_CONCURRENCY',
    'UPSTREAM_TIMEOUT_MS',
    'UPSTREAM_LAG_MS',
    'READ_CACHE_SECONDS',
    'CORS_ORIGINS',
    'INTROSPECTION',
    'GRAPHIQL',
    'WEB_APP',
    'PERSISTED_OPERATIONS',
    'ALLOWED_HOSTS',
    'TRUSTED_PROXIES',
    'KEEP_ALIVE_SECONDS',
    'DRAIN_DELAY_SECONDS',
    'MAX_REQUESTS',
    'LOG_LEVEL',
    'METRICS',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'AUTH',
    'ALLOW_UNAUTHENTICATED',
    'JWT_JWKS_URL',
    'JWT_SECRET',
    'JWT_ISSUER',
    'JWT_AUDIENCE',
    'APIVIDEO_API_KEY_FILE',
    'JWT_SECRET_FILE',
    'JWT_CLIENT_IDS',
    'JWT_SCOPE_CLAIMS',
    'JWT_SCOPE_PREFIX',
  ];

  for (const value of ['', '  ', '\r', '""', " '\ufeff' "]) {
    const env = Object.fromEntries(names.map((name) => [name, value]));
    expect(readConfig({ ...env, ...KEY }, { sandbox: false })).toEqual(readConfig(KEY, { sandbox: false }));
    expect(readFaults({ ...env, APIVIDEO_API_KEY: value })).toHaveLength(1);
    expect(readConfig({ ...env, APIVIDEO_API_KEY: value }, { sandbox: true }).sandbox).toBe(true);
  }
});

describe('accepts', () => {
  test.each([
    ['PORT', '0', { port: 0 }],
    ['PORT', '65535', { port: 65_535 }],
    ['HOST', '127.0.0.1', { host: '127.0.0.1' }],
    ['HOST', '127.1.2.3', { host: '127.1.2.3' }],
    ['HOST', 'localhost', { host: 'localhost' }],
    ['HOST', '::1', { host: '::1' }],
    ['APIVIDEO_BASE_URL', 'https://sandbox.api.video', { baseUrl: new URL('https://sandbox.api.video') }],
    ['APIVIDEO_BASE_URL', 'http://127.0.0.1:4010/api/', { baseUrl: new URL('http://127.0.0.1:4010/api/') }],
    ['APIVIDEO_BASE_URL', 'https://ws.api.video//', { baseUrl: new URL('https://ws.api.video/') }],
    ['APIVIDEO_BASE_URL', 'http://127.0.0.1/a//', { baseUrl: new URL('http://127.0.0.1/a/') }],
    ['APIVIDEO_BASE_URL', 'http://[::1]:4010/1', { baseUrl: new URL('http://[::1]:4010/1') }],
    ['APIVIDEO_BASE_URL', 'https://my_api.test.', { baseUrl: new URL('https://my_api.test.') }],
    ['INTROSPECTION', 'off', { introspection: false }],
    ['GRAPHIQL', 'off', { graphiql: false }],
    ['WEB_APP', 'off', { webApp: false }],
    ['MAX_REQUESTS', '1', { maxRequests: 1 }],
    [
      'ALLOWED_HOSTS',
      'Videos.example.com, 10.0.0.7,[fd00::7]',
      { allowedHosts: ['videos.example.com', '10.0.0.7', '[fd00::7]'] },
    ],
    [
      'ALLOWED_HOSTS',
      'FD00::1,[fd00:0::2],a.example.',
      { allowedHosts: ['[fd00::1]', '[fd00::2]', 'a.example'] },
    ],
    [
      'ALLOWED_HOSTS',
      'München.example,1.2.3.4.,münchen.example.',
      { allowedHosts: ['xn--mnchen-3ya.example', '1.2.3.4', 'xn--mnchen-3ya.example'] },
    ],
    [
      'TRUSTED_PROXIES',
      '127.0.0.1, 10.0.0.0/8,fd00::/8,::1',
      { trustedProxies: ['127.0.0.1', '10.0.0.0/8', 'fd00::/8', '::1'] },
    ],
    ['KEEP_ALIVE_SECONDS', '1', { keepAliveSeconds: 1 }],
    ['KEEP_ALIVE_SECONDS', '3600', { keepAliveSeconds: 3600 }],
    ['DRAIN_DELAY_SECONDS', '0', { drainDelaySeconds: 0 }],
    ['DRAIN_DELAY_SECONDS', '300', { drainDelaySeconds: 300 }],
    ['ALLOW_UNAUTHENTICATED', 'true', { allowUnauthenticated: true }],
    ['APIVIDEO_DIALECT', 'auto', { dialect: 'auto' }],
    ['APIVIDEO_DIALECT', 'discarded', { dialect: 'discarded' }],
    ['APIVIDEO_DIALECT', 'removed', { dialect: 'removed' }],
    ['VIDEO_RESTORE', 'probe', { videoRestore: 'probe' }],
    ['VIDEO_RESTORE', 'on', { videoRestore: 'on' }],
    ['VIDEO_RESTORE', 'off', { videoRestore: 'off' }],
    ['PERMANENT_DELETION', 'refuse', { permanentDeletion: 'refuse' }],
    ['PERMANENT_DELETION', 'allow', { permanentDeletion: 'allow' }],
    ['MAX_IDS', '1', { maxIds: 1 }],
    ['MAX_IDS', '100000', { maxIds: 100_000 }],
    ['UPSTREAM_CONCURRENCY', '1', { upstreamConcurrency: 1 }],
    ['UPSTREAM_CONCURRENCY', '1000', { upstreamConcurrency: 1000 }],
    ['UPSTREAM_TIMEOUT_MS', '100', { upstreamTimeoutMs: 100 }],
    ['UPSTREAM_TIMEOUT_MS', '120000', { upstreamTimeoutMs: 120_000 }],
    ['READ_CACHE_SECONDS', '0', { readCacheSeconds: 0 }],
    ['READ_CACHE_SECONDS', '60', { readCacheSeconds: 60 }],
    ['CORS_ORIGINS', 'https://app.example.com', { corsOrigins: ['https://app.example.com'] }],
    [
      'CORS_ORIGINS',
      'https://app.example.com, http://localhost:3000',
      { corsOrigins: ['https://app.example.com', 'http://localhost:3000'] },
    ],
    ['LOG_LEVEL', 'fatal', { logLevel: 'fatal' }],
    ['LOG_LEVEL', 'error', { logLevel: 'error' }],
    ['LOG_LEVEL', 'warn', { logLevel: 'warn' }],
    ['LOG_LEVEL', 'info', { logLevel: 'info' }],
    ['LOG_LEVEL', 'debug', { logLevel: 'debug' }],
    ['LOG_LEVEL', 'trace', { logLevel: 'trace' }],
    ['LOG_LEVEL', 'silent', { logLevel: 'silent' }],
    ['AUTH', 'none', { auth: { mode: 'none' } }],
    ['ALLOW_UNAUTHENTICATED', 'false', { auth: { mode: 'none' } }],
    ['METRICS', 'on', { metrics: true }],
    ['METRICS', 'off', { metrics: false }],
    [
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'http://collector:4318/otlp',
      { traces: { url: 'http://collector:4318/otlp/v1/traces' } },
    ],
  ])('%s=%s', (name, value, expected) => {
    expect(readConfig({ ...KEY, [name]: value }, { sandbox: false })).toMatchObject(expected);
  });
});

const ORIGINS = 'comma-separated origins such as https://app.example.com';
const BASE_URL = 'an http or https URL without user, query or fragment, such as https://ws.api.video';

describe('refuses, and says what was expected and what came,', () => {
  test.each([
    ['PORT', ['-1', '65536', '4000.5', '4e3', '0x10', 'http', '40 00'], 'a whole number from 0 to 65535'],
    [
      'APIVIDEO_BASE_URL',
      [
        'ws.api.video',
        '/videos',
        'ftp://ws.api.video',
        'https://ws.api.video?',
        'https://ws.api.video#',
        'https://ws.api.video,',
        'https://ws..api.video',
        'https://*.api.video',
        'http://4010',
        'http://4010:80/api',
      ],
      BASE_URL,
    ],
    ['APIVIDEO_DIALECT', ['AUTO', 'old', 'discarded,removed'], 'one of auto, discarded, removed'],
    ['VIDEO_RESTORE', ['true', '1', 'ON'], 'one of probe, on, off'],
    ['PERMANENT_DELETION', ['yes', 'ALLOW'], 'one of refuse, allow'],
    ['METRICS', ['true', 'ON', '/metrics'], 'one of on, off'],
    [
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      ['collector:4318', 'grpc://collector:4317', 'http://collector:4318?'],
      'an http or https URL without user, query or fragment, such as http://127.0.0.1:4318',
    ],
    ['MAX_IDS', ['0', '100001', '-5', '1e3', '1,000'], 'a whole number from 1 to 100000'],
    ['UPSTREAM_CONCURRENCY', ['0', '1001', 'many'], 'a whole number from 1 to 1000'],
    ['UPSTREAM_TIMEOUT_MS', ['99', '120001', '10s'], 'a whole number from 100 to 120000'],
    ['READ_CACHE_SECONDS', ['-1', '61', '0.5'], 'a whole number from 0 to 60'],
    [
      'CORS_ORIGINS',
      [
        '*',
        'null',
        'app.example.com',
        'https://app.example.com/',
        'https://app.example.com/path',
        'https://*.example.com',
        'https://app.example.com,',
        'https://app.example.com https://other.example.com',
        'file:///etc',
      ],
      ORIGINS,
    ],
    ['INTROSPECTION', ['true', 'ON', '1'], 'one of on, off'],
    ['GRAPHIQL', ['true', 'ON', '1'], 'one of on, off'],
    ['WEB_APP', ['true', 'ON', '1'], 'one of on, off'],
    ['MAX_REQUESTS', ['0', '100001', 'many'], 'a whole number from 1 to 100000'],
    [
      'ALLOWED_HOSTS',
      [
        'videos.example.com:443',
        'https://videos.example.com',
        'a b',
        'a,,b',
        '*.example.com',
        'a/b',
        'a:1',
        '[::1]:80',
        '3128',
      ],
      'comma-separated host names without ports, such as videos.example.com',
    ],
    [
      'TRUSTED_PROXIES',
      ['proxy.example.com', '10.0.0.0/33', '10.0.0.0/', '10.0.0', '::1/129', '10.0.0.1,', '10.0.0.0/-1'],
      'comma-separated addresses or networks such as 127.0.0.1 or 10.0.0.0/8',
    ],
    ['KEEP_ALIVE_SECONDS', ['0', '3601', '1.5'], 'a whole number from 1 to 3600'],
    ['DRAIN_DELAY_SECONDS', ['-1', '301', 'long'], 'a whole number from 0 to 300'],
    ['LOG_LEVEL', ['verbose', 'INFO', '30'], 'one of fatal, error, warn, info, debug, trace, silent'],
    ['AUTH', ['basic', 'NONE', 'jwt,none'], 'one of none, passthrough, jwt'],
    ['ALLOW_UNAUTHENTICATED', ['1', 'yes', 'TRUE'], 'true or false'],
  ])('%s', (name, values, expected) => {
    for (const value of values) {
      expect(readFaults({ ...KEY, [name]: value })).toEqual([
        `${name}: expected ${expected}, and got ${JSON.stringify(value)}`,
      ]);
    }
  });
});

test('tells all faults in one message', () => {
  const faults = readFaults({
    PORT: 'x',
    HOST: 'a b',
    APIVIDEO_BASE_URL: 'x',
    APIVIDEO_DIALECT: 'x',
    VIDEO_RESTORE: 'x',
    PERMANENT_DELETION: 'x',
    MAX_IDS: 'x',
    UPSTREAM_CONCURRENCY: 'x',
    UPSTREAM_TIMEOUT_MS: 'x',
    CORS_ORIGINS: 'x',
    LOG_LEVEL: 'x',
    METRICS: 'x',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'x',
    AUTH: 'x',
  });

  expect(faults.map((fault) => fault.slice(0, fault.indexOf(':')))).toEqual([
    'PORT',
    'HOST',
    'APIVIDEO_BASE_URL',
    'APIVIDEO_DIALECT',
    'VIDEO_RESTORE',
    'PERMANENT_DELETION',
    'MAX_IDS',
    'UPSTREAM_CONCURRENCY',
    'UPSTREAM_TIMEOUT_MS',
    'CORS_ORIGINS',
    'LOG_LEVEL',
    'METRICS',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'AUTH',
  ]);
});

describe('shows in no message', () => {
  test.each(['the Secret Key', 'theSecret Key', 'theSecretKéy', `theSecretKey ${'x'.repeat(200)}`])(
    'the wrong key %j',
    (key) => {
      const faults = readFaults({ APIVIDEO_API_KEY: key });

      expect(faults).toEqual([
        'APIVIDEO_API_KEY: expected an API key without spaces or line breaks, and got something else',
      ]);
    },
  );

  test('a key that is right beside a variable that is wrong', () => {
    expect(readFaults({ ...KEY, PORT: 'x' }).join()).not.toContain(KEY.APIVIDEO_API_KEY);
  });

  test('a password in the base URL', () => {
    expect(readFaults({ ...KEY, APIVIDEO_BASE_URL: 'https://user:hunter2@ws.api.video' })).toEqual([
      `APIVIDEO_BASE_URL: expected ${BASE_URL}, and got something else`,
    ]);
  });

  test.each([
    ['APIVIDEO_BASE_URL', 'https://ws.api.video/a?token=hunter2', 'https://ws.api.video/a?…'],
    ['APIVIDEO_BASE_URL', 'https://ws.api.video#hunter2', 'https://ws.api.video#…'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', '127.0.0.1:1/?api-key=hunter2', '127.0.0.1:1/?…'],
    ['JWT_JWKS_URL', 'https://id/keys?token=hunter2#x', 'https://id/keys?…'],
    ['CORS_ORIGINS', 'https://app.example/?token=hunter2', 'https://app.example/?…'],
  ])('a key in the query or the fragment of %s=%s', (name, value, shown) => {
    const [fault = ''] = readFaults({ ...KEY, [name]: value });

    expect(fault).toMatch(new RegExp(`^${name}: expected `));
    expect(fault.endsWith(`, and got "${shown}"`)).toBe(true);
  });

  test('more than the beginning of a very long value', () => {
    const [fault = ''] = readFaults({ ...KEY, LOG_LEVEL: 'x'.repeat(10_000) });

    expect(fault.length).toBeLessThan(250);
  });
});

describe('the embedded sandbox', () => {
  test('is served where it is asked for and nothing else is configured', () => {
    expect(readConfig({ PORT: '0', LOG_LEVEL: 'warn' }, { sandbox: true })).toMatchObject({
      sandbox: true,
      apiKey: undefined,
      port: 0,
    });
  });

  test('yields to a key', () => {
    expect(readConfig(KEY, { sandbox: true })).toMatchObject({
      sandbox: false,
      apiKey: KEY.APIVIDEO_API_KEY,
    });
  });

  test('yields to a base URL, which needs a key', () => {
    expect(readFaults({ APIVIDEO_BASE_URL: 'https://sandbox.api.video' }, true)).toEqual([
      'APIVIDEO_API_KEY: expected the key for APIVIDEO_BASE_URL, and it is not set',
    ]);
  });

  test('yields to AUTH, and then a key is missing', () => {
    expect(readFaults({ AUTH: 'none' }, true)).toEqual([
      expect.stringMatching(
        /^APIVIDEO_API_KEY: expected the key of an api\.video project, and it is not set/,
      ),
    ]);
  });

  test('is not served unless it is asked for: a forgotten key refuses the start and says both ways out', () => {
    expect(readFaults({})).toEqual([
      'APIVIDEO_API_KEY: expected the key of an api.video project, and it is not set; to try the gateway on an embedded sandbox, start it with --sandbox',
    ]);
  });
});

test('answers something that nobody can change', () => {
  const config = readConfig({ ...KEY, CORS_ORIGINS: 'https://app.example.com' }, { sandbox: false });

  expect(Object.isFrozen(config)).toBe(true);
  expect(Object.isFrozen(config.corsOrigins)).toBe(true);
});

test.each([
  ['listens where others can reach it', { HOST: '0.0.0.0', ALLOW_UNAUTHENTICATED: 'true' }],
  ['has AUTH', { AUTH: 'jwt', JWT_SECRET: 'x'.repeat(32), JWT_ISSUER: 'i', JWT_AUDIENCE: 'a' }],
  ['says that a proxy authenticates callers', { ALLOW_UNAUTHENTICATED: 'true' }],
  ['names the hosts of a proxy', { ALLOWED_HOSTS: 'videos.example.com' }],
  ['trusts a proxy', { TRUSTED_PROXIES: '127.0.0.1' }],
])('closes the web app, GraphiQL, introspection and metrics of a gateway that %s', (_name, env) => {
  const closed = { webApp: false, graphiql: false, introspection: false, metrics: false };
  expect(readConfig({ ...KEY, ...env }, { sandbox: false })).toMatchObject(closed);

  const opened = { WEB_APP: 'on', GRAPHIQL: 'on', INTROSPECTION: 'on', METRICS: 'on' };
  const open = { webApp: true, graphiql: true, introspection: true, metrics: true };
  expect(readConfig({ ...KEY, ...env, ...opened }, { sandbox: false })).toMatchObject(open);
});

test('warns of a variable that looks like its own, and of no other', () => {
  const env = {
    ...KEY,
    APIVIDEO_API_KEYS: 'theSecretKey',
    APIVIDEO_CONCURRENCY: '7',
    MY_APIVIDEO_THING: 'x',
  };
  const { warnings } = readConfig(env, { sandbox: false });

  expect(warnings).toEqual([
    'APIVIDEO_API_KEYS is not a setting of the gateway, so it has no effect: expected APIVIDEO_API_KEY, APIVIDEO_API_KEY_FILE, APIVIDEO_BASE_URL, APIVIDEO_DIALECT',
    'APIVIDEO_CONCURRENCY is not a setting of the gateway, so it has no effect: expected APIVIDEO_API_KEY, APIVIDEO_API_KEY_FILE, APIVIDEO_BASE_URL, APIVIDEO_DIALECT',
  ]);
});

test('ignores variables that are not its own', () => {
  expect(readConfig({ ...KEY, PATH: '/bin', NODE_ENV: 'x' }, { sandbox: false })).toEqual(
    readConfig(KEY, { sandbox: false }),
  );
});

describe('who may call', () => {
  const JWT = { AUTH: 'jwt', JWT_ISSUER: 'https://id.example.com', JWT_AUDIENCE: 'videos' };
  const SECRET = 'a-secret-of-32-characters-or-more';
  const OPEN = [
    '0.0.0.0',
    '::',
    '192.168.0.1',
    'example.com',
    '127.0.0.1.example.com',
    '127.1',
    '::ffff:10.0.0.1',
  ];

  test.each(OPEN)('is not everybody on %s, unless the deployment says so', (HOST) => {
    expect(readFaults({ ...KEY, HOST })).toEqual([
      expect.stringMatching(/^HOST: expected a loopback address .*ALLOW_UNAUTHENTICATED=true/),
    ]);
    expect(readFaults({ ...KEY, HOST, ALLOW_UNAUTHENTICATED: 'false' })).toHaveLength(1);
    expect(readConfig({ ...KEY, HOST, ALLOW_UNAUTHENTICATED: 'true' }, { sandbox: false })).toMatchObject({
      host: HOST,
    });
    expect(readConfig({ AUTH: 'passthrough', HOST }, { sandbox: false })).toMatchObject({ host: HOST });
    expect(readConfig({ ...KEY, ...JWT, JWT_SECRET: SECRET, HOST }, { sandbox: false })).toMatchObject({
      host: HOST,
    });
    expect(readConfig({ HOST }, { sandbox: true })).toMatchObject({ host: HOST, sandbox: true });
  });

  test('is whoever has credentials of api.video, and then there is no key beside', () => {
    expect(readConfig({ AUTH: 'passthrough' }, { sandbox: true })).toMatchObject({
      sandbox: false,
      apiKey: undefined,
      auth: { mode: 'passthrough' },
    });
    expect(readFaults({ ...KEY, AUTH: 'passthrough' })).toEqual([
      expect.stringMatching(/^APIVIDEO_API_KEY: expected none with AUTH=passthrough/),
    ]);
  });

  test('is whoever has a token, signed with a secret or by the keys of a URL', () => {
    expect(readConfig({ ...KEY, ...JWT, JWT_SECRET: SECRET }, { sandbox: false }).auth).toEqual({
      mode: 'jwt',
      keys: { secret: SECRET },
      issuer: JWT.JWT_ISSUER,
      audiences: ['videos'],
      clientIds: [],
      scopeClaims: ['scope', 'scp'],
      scopePrefix: '',
    });
    for (const url of [
      'https://id.example.com/jwks?tenant=1',
      'http://127.0.0.1:9000/jwks',
      'http://localhost/jwks',
    ])
      expect(readConfig({ ...KEY, ...JWT, JWT_JWKS_URL: url }, { sandbox: false }).auth).toMatchObject({
        keys: { jwksUrl: new URL(url) },
      });
  });

  test.each([
    'http://id.example.com/jwks',
    'id.example.com',
    'https://user:pass@id.example.com/jwks',
    'https://id.example.com/#a',
    'file:///jwks',
  ])('is not decided by keys from %s', (url) => {
    expect(readFaults({ ...KEY, ...JWT, JWT_JWKS_URL: url })).toEqual([
      expect.stringMatching(/^JWT_JWKS_URL: expected an https URL/),
    ]);
  });

  test('is not left half said', () => {
    expect(readFaults({ ...KEY, AUTH: 'jwt' })).toEqual([
      'JWT_JWKS_URL: expected either this or JWT_SECRET with AUTH=jwt, and neither is set',
      'JWT_ISSUER: expected the value that tokens must have with AUTH=jwt, and it is not set',
      'JWT_AUDIENCE: expected the value that tokens must have with AUTH=jwt, and it is not set; if your tokens have no aud, set JWT_CLIENT_IDS instead',
    ]);
    expect(
      readFaults({ ...KEY, ...JWT, JWT_SECRET: SECRET, JWT_JWKS_URL: 'https://id.example.com/jwks' }),
    ).toEqual(['JWT_JWKS_URL: expected either this or JWT_SECRET with AUTH=jwt, and both are set']);
    expect(readFaults({ ...JWT, JWT_SECRET: SECRET })).toEqual([
      expect.stringMatching(/^APIVIDEO_API_KEY: /),
    ]);
    expect(readFaults({ ...KEY, ...JWT, AUTH: 'none', JWT_SECRET: SECRET })).toHaveLength(3);
  });

  test('is whoever has a token for this audience, for this client, or both', () => {
    const { JWT_AUDIENCE, ...others } = JWT;
    const read = (env: Record<string, string>) =>
      readConfig({ ...KEY, ...others, JWT_SECRET: SECRET, ...env }, { sandbox: false }).auth;
    expect(read({ JWT_AUDIENCE: 'a, api://b' })).toMatchObject({
      audiences: ['a', 'api://b'],
      clientIds: [],
    });
    expect(read({ JWT_CLIENT_IDS: 'web,app' })).toMatchObject({ audiences: [], clientIds: ['web', 'app'] });
    expect(read({ JWT_AUDIENCE, JWT_CLIENT_IDS: 'web' })).toMatchObject({
      audiences: ['videos'],
      clientIds: ['web'],
    });
    expect(
      read({ JWT_AUDIENCE, JWT_SCOPE_CLAIMS: 'scp,roles', JWT_SCOPE_PREFIX: 'https://a.example/' }),
    ).toMatchObject({ scopeClaims: ['scp', 'roles'], scopePrefix: 'https://a.example/' });
  });

  test.each([
    ['JWT_AUDIENCE', 'a,,b', LIST],
    ['JWT_AUDIENCE', ',', LIST],
    ['JWT_AUDIENCE', '"a', LIST],
    ['JWT_AUDIENCE', '["a","b"]', LIST],
    ['JWT_AUDIENCE', '[a]', LIST],
    ['JWT_AUDIENCE', 'a"b', LIST],
    ['JWT_AUDIENCE', 'a,b # which the gateway accepts', LIST],
    ['JWT_AUDIENCE', 'a b', LIST],
    ['JWT_ISSUER', 'https://id.example.com #old', TEXT],
    ['JWT_ISSUER', "https://id.example.com'/", TEXT],
    ['JWT_ISSUER', '[https://id.example.com]', TEXT],
    ['JWT_CLIENT_IDS', 'a,', LIST],
    ['JWT_SCOPE_CLAIMS', 'scp,', LIST],
    ['JWT_ISSUER', '"https://id.example.com', TEXT],
    [
      'JWT_SCOPE_PREFIX',
      'https://videos.example',
      'a text without blanks that ends in a separator, such as https://videos.example/',
    ],
    [
      'JWT_SCOPE_PREFIX',
      'a b/',
      'a text without blanks that ends in a separator, such as https://videos.example/',
    ],
  ])('is not decided by %s=%s', (name, value, expected) => {
    expect(readFaults({ ...KEY, ...JWT, JWT_SECRET: SECRET, [name]: value })).toEqual([
      `${name}: expected ${expected}, and got ${JSON.stringify(value)}`,
    ]);
  });

  test.each(['JWT', 'Passthrough', 'jwt,none'])(
    'AUTH=%s is the only fault, whatever it should be',
    (AUTH) => {
      const fault = [expect.stringMatching(/^AUTH: expected one of none, passthrough, jwt, and got /)];
      expect(readFaults({ ...KEY, ...JWT, JWT_SECRET: SECRET, HOST: '0.0.0.0', AUTH })).toEqual(fault);
      expect(readFaults({ AUTH })).toEqual(fault);
    },
  );

  test('is not decided by settings of tokens without AUTH=jwt', () => {
    for (const name of ['JWT_CLIENT_IDS', 'JWT_SCOPE_CLAIMS', 'JWT_SCOPE_PREFIX'])
      expect(readFaults({ ...KEY, [name]: 'a/' })).toEqual([
        `${name}: expected AUTH=jwt with this setting, and got AUTH="none"`,
      ]);
  });

  test('is decided by a secret of 32 characters, which no message shows', () => {
    expect(readFaults({ ...KEY, ...JWT, JWT_SECRET: SECRET.slice(0, 32) })).toEqual([]);
    expect(readFaults({ ...KEY, ...JWT, JWT_SECRET: SECRET.slice(0, 31) })).toEqual([
      'JWT_SECRET: expected a secret of at least 32 characters, and got something else',
    ]);
  });
});
