// What env files of Windows, editors, copied pages and `docker --env-file` leave around and inside values.
import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { readRows, readText } from '../docs/read-documents.ts';
import { readFaults } from '../support/read-faults.ts';

const SECRET = 'a-secret-of-32-characters-or-more';
const KEY = { APIVIDEO_API_KEY: 'theKeyOfTheProject' };
const JWT = {
  ...KEY,
  AUTH: 'jwt',
  JWT_SECRET: SECRET,
  JWT_ISSUER: 'https://id.example.com',
  JWT_AUDIENCE: 'videos',
};

/** Every setting with a value that is not its default, and the settings that it needs. */
const SETTINGS: Readonly<Record<string, readonly [value: string, beside: Record<string, string>]>> = {
  PORT: ['4001', KEY],
  HOST: ['localhost', KEY],
  ALLOWED_HOSTS: ['videos.example.com,other.example.com', KEY],
  TRUSTED_PROXIES: ['10.0.0.0/8,::1', KEY],
  KEEP_ALIVE_SECONDS: ['17', KEY],
  DRAIN_DELAY_SECONDS: ['17', KEY],
  APIVIDEO_API_KEY: ['anotherKey', {}],
  APIVIDEO_BASE_URL: ['https://sandbox.api.video', KEY],
  APIVIDEO_DIALECT: ['removed', KEY],
  VIDEO_RESTORE: ['on', KEY],
  PERMANENT_DELETION: ['allow', KEY],
  MAX_IDS: ['17', KEY],
  DATA_DIR: ['/var/lib/operations', KEY],
  DATABASE_URL: ['postgres://user:password@db.example.com/videos', KEY],
  SECRET_KEY: [SECRET, KEY],
  MAX_BACKGROUND_IDS: ['17', KEY],
  MAX_OPEN_OPERATIONS: ['17', KEY],
  UPSTREAM_CONCURRENCY: ['17', KEY],
  UPSTREAM_TIMEOUT_MS: ['700', KEY],
  UPSTREAM_LAG_MS: ['700', KEY],
  READ_CACHE_SECONDS: ['17', KEY],
  CORS_ORIGINS: ['https://app.example.com,https://b.example.com', KEY],
  INTROSPECTION: ['off', KEY],
  GRAPHIQL: ['off', KEY],
  WEB_APP: ['off', KEY],
  MAX_REQUESTS: ['17', KEY],
  LOG_LEVEL: ['debug', KEY],
  METRICS: ['off', KEY],
  OTEL_EXPORTER_OTLP_ENDPOINT: ['http://127.0.0.1:4318', KEY],
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ['http://127.0.0.1:4318/x', KEY],
  AUTH: ['passthrough', {}],
  ALLOW_UNAUTHENTICATED: ['true', KEY],
  JWT_JWKS_URL: ['https://id.example.com/keys', { ...JWT, JWT_SECRET: '' }],
  JWT_ISSUER: ['https://id.example.com/', JWT],
  JWT_AUDIENCE: ['api://a,b', JWT],
  JWT_CLIENT_IDS: ['web,app', JWT],
  JWT_SCOPE_CLAIMS: ['scp,roles', JWT],
  JWT_SCOPE_PREFIX: ['https://videos.example/', JWT],
};

const AROUND: readonly (readonly [name: string, around: (value: string) => string])[] = [
  ['a carriage return', (value) => `${value}\r`],
  ['a line end of Windows', (value) => `${value}\r\n`],
  ['a line feed', (value) => `${value}\n`],
  ['blanks', (value) => `  ${value} `],
  ['tabs', (value) => `\t${value}\t`],
  ['a byte order mark', (value) => `\ufeff${value}`],
  ['no-break spaces', (value) => `\u00a0${value}\u202f`],
  ['zero-width characters', (value) => `\u200b${value}\u200d\u2060`],
  ['a direction mark', (value) => `\u200e${value}`],
  ['a NUL', (value) => `${value}\0`],
  ['double quotes', (value) => `"${value}"`],
  ['single quotes', (value) => `'${value}'`],
  ['quotes of a text program', (value) => `“${value}”`],
  ['quotes and a carriage return', (value) => `"${value}"\r`],
  ['quotes in quotes', (value) => `'"${value}"'`],
  ['blanks in quotes', (value) => `" ${value} "`],
];

/** A config without what never compares as equal. */
const toComparable = (config: Config) => JSON.stringify(config);

test('every setting is in this file, except for the secret of tokens and those that are paths', () => {
  const documented = readRows(readText('docs/configuration.md'), 'variable').map(({ variable = '' }) =>
    variable.replaceAll('`', ''),
  );
  const others = [
    'JWT_SECRET',
    'JWT_SECRET_FILE',
    'APIVIDEO_API_KEY_FILE',
    'DATABASE_URL_FILE',
    'SECRET_KEY_FILE',
    'PERSISTED_OPERATIONS',
  ];
  expect([...Object.keys(SETTINGS), ...others].toSorted()).toEqual(documented.toSorted());
});

test.each(AROUND)('%s around a value are taken away from every setting', (_name, around) => {
  for (const [name, [value, beside]] of Object.entries(SETTINGS)) {
    const clean = readConfig({ ...beside, [name]: value });
    expect(toComparable(clean), name).not.toBe(toComparable(readConfig({ ...JWT, AUTH: 'jwt' })));
    expect(toComparable(readConfig({ ...beside, [name]: around(value) })), name).toBe(toComparable(clean));
  }
});

test.each(AROUND)('%s around the path of a secret are taken away', (_name, around) => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'secrets-'));
  const path = join(folder.path, 'key');
  writeFileSync(path, 'anotherKey');
  expect(readConfig({ APIVIDEO_API_KEY_FILE: around(path) }).apiKey).toBe('anotherKey');
});

test('each item of a list may have blanks, line ends and quotes around it', () => {
  const { auth, corsOrigins } = readConfig({
    ...JWT,
    JWT_AUDIENCE: `"a", 'api://b' ,\u00a0c,\r\nd\r`,
    CORS_ORIGINS: '"https://app.example.com","https://b.example.com"',
  });
  expect(auth).toMatchObject({ audiences: ['a', 'api://b', 'c', 'd'] });
  expect(corsOrigins).toEqual(['https://app.example.com', 'https://b.example.com']);
});

test.each([
  ['\u200b', 'a zero-width space (U+200B) in it'],
  ['\u00a0', 'a no-break space (U+00A0) in it'],
  ['\r', 'a carriage return (U+000D) in it'],
  ['\n', 'a line feed (U+000A) in it'],
  ['\u202e', 'U+202E in it'],
  ['\u0000', 'U+0000 in it'],
  ['\ufeff', 'a byte order mark (U+FEFF) in it'],
])('%j within a value is a fault of every setting, and the only one', (sign, got) => {
  for (const [name, [value, beside]] of Object.entries(SETTINGS)) {
    const dirty = value.slice(0, 1) + sign + value.slice(1);
    const others = name === 'HOST' ? [expect.stringMatching(/^HOST: expected a loopback/)] : [];
    expect(readFaults({ ...beside, [name]: dirty }), name).toEqual([
      `${name}: expected a value without invisible characters, and got ${got}`,
      ...others,
    ]);
  }
});

test.each([
  ['\r', `${SECRET}\r`, 'a carriage return (U+000D) at its end'],
  ['\\r\\n', `${SECRET}\r\n`, 'a carriage return (U+000D) at its end'],
  ['\\n', `${SECRET}\n`, 'a line feed (U+000A) at its end'],
  ['a blank', `${SECRET} `, 'a blank at its end'],
  ['a blank before', ` ${SECRET}`, 'a blank at its start'],
  ['a tab', `${SECRET}\t`, 'a tab (U+0009) at its end'],
  ['a byte order mark', `\ufeff${SECRET}`, 'a byte order mark (U+FEFF) at its start'],
  ['a no-break space', `\u00a0${SECRET}`, 'a no-break space (U+00A0) at its start'],
  ['a zero-width space', `a\u200b${SECRET}`, 'a zero-width space (U+200B) in it'],
  ['quotes', `"${SECRET}"`, 'quotes around it'],
  ['single quotes', `'${SECRET}'`, 'quotes around it'],
  ['half a pair of quotes', `"${SECRET}`, 'a quote at one of its ends'],
  ['half a pair of quotes at the end', `${SECRET}'`, 'a quote at one of its ends'],
  ['quotes around quotes', `"${SECRET}"${SECRET}"`, 'quotes around it'],
])(
  'nothing is taken away from JWT_SECRET: %s refuses the start, and the secret is not shown',
  (_name, secret, got) => {
    const faults = readFaults({ ...JWT, JWT_SECRET: secret });
    expect(faults).toEqual([
      `JWT_SECRET: expected a secret without blanks or quotes around it, and without invisible characters, and got ${got}`,
    ]);
    expect(faults.join()).not.toContain(SECRET);
  },
);

test('a secret keeps blanks, quotes and letters within', () => {
  const secret = 'correct "horse" bätterÿ staple, and a stone';
  expect(readConfig({ ...JWT, JWT_SECRET: secret }).auth).toMatchObject({ keys: { secret } });
});

test.each([
  ['PORT', '"4000', '"\\"4000"'],
  ['PORT', '4 000', '"4 000"'],
  ['AUTH', 'jwt"', '"jwt\\""'],
  ['METRICS', 'on,', '"on,"'],
])('%s=%s is a fault that shows what came', (name, value, got) => {
  expect(readFaults({ ...KEY, [name]: value })[0]).toMatch(new RegExp(`^${name}: .*got `));
  expect(readFaults({ ...KEY, [name]: value })[0]).toContain(got);
});

test.each([
  ['\ufeffAPIVIDEO_API_KEY', 'a byte order mark (U+FEFF) at its start'],
  ['APIVIDEO_API_KEY ', 'a blank at its end'],
  ['APIVIDEO_API_KEY\t', 'a tab (U+0009) at its end'],
  ['"APIVIDEO_API_KEY"', 'quotes around it'],
])('a setting is not left out because of what is around its name: %j', (name, got) => {
  expect(readFaults({ [name]: 'theSecretKey' })).toEqual([
    `APIVIDEO_API_KEY: expected a variable of exactly this name, and got one with ${got}`,
  ]);
  expect(readFaults({ ...KEY, [`${name} `.replace(/^\ufeff/, '')]: '' })).toEqual([]);
});

test('OpenTelemetry’s variables that decide about traces are cleaned too', () => {
  const { traces, warnings } = readConfig({
    ...KEY,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318\r',
    OTEL_TRACES_SAMPLER: '"traceidratio"\r',
    OTEL_TRACES_SAMPLER_ARG: "'0.5'",
    OTEL_BSP_MAX_QUEUE_SIZE: ' 100\u00a0',
  });
  expect(warnings).toEqual([]);
  expect(traces).toMatchObject({ sampler: 'traceidratio', ratio: 0.5, batch: { maxQueueSize: 100 } });
  expect(readConfig({ ...KEY, OTEL_TRACES_EXPORTER: '"none"\r' })).toMatchObject({
    traces: undefined,
    warnings: [],
  });
});

test.each([
  ['APIVIDEO_API_KEY', 'theSecretKey'],
  ['JWT_SECRET', SECRET],
  ['SECRET_KEY', SECRET],
])('%s may not begin with its own name, from its variable or its file', (name, secret) => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'secrets-'));
  const path = join(folder.path, 'secret');
  for (const before of [`${name}=`, `export ${name}=`]) {
    writeFileSync(path, `${before}${secret}\n`);
    const fault = `expected the value alone, and got one that begins with ${name}=`;
    expect(readFaults({ ...JWT, [name]: `${before}${secret}` })).toEqual([`${name}: ${fault}`]);
    expect(readFaults({ ...JWT, [name]: '', [`${name}_FILE`]: path })).toEqual([
      `${name} (from ${name}_FILE): ${fault}`,
    ]);
  }
  expect(readFaults({ ...JWT, [name]: `OTHER=${secret}` })).toEqual([]);
});

test('half a pair of quotes around the key is a fault that shows nothing of it', () => {
  expect(readFaults({ APIVIDEO_API_KEY: '"theSecretKey' })).toEqual([
    'APIVIDEO_API_KEY: expected an API key without quotes, and got something else',
  ]);
});

test('long runs of blanks cost no time worth noticing', () => {
  const value = `${' '.repeat(100_000)}x${' '.repeat(100_000)}`;
  const begun = performance.now();
  expect(readFaults({ ...KEY, LOG_LEVEL: `${value}y` })).toHaveLength(1);
  expect(performance.now() - begun).toBeLessThan(1_000);
});
