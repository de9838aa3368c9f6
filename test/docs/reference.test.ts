// What the documents name is what the code has: settings, codes, metrics, endpoints, options, layers, files.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, isEnumType } from 'graphql';
import { expect, test } from 'vitest';
import { LARGEST_LAG_MS } from '../../src/config/config.ts';
import { FAILURES } from '../../src/failure-messages.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { isTransient } from '../../src/upstream/refusal.ts';
import { run } from '../support/run-command.ts';
import { startTestGateway } from '../support/test-gateway.ts';
import { ROOT, readCode, readDocuments, readRows, readText } from './read-documents.ts';

const documents = readDocuments();
const all = [...documents.values()].join('\n');

function readEnum(name: string): string[] {
  const type = buildSchema(readText('schema.graphql')).getType(name);
  if (!isEnumType(type)) throw new Error(`the schema has no enum ${name}`);
  return type.getValues().map((value) => value.name);
}

/** What the code says of a setting; undefined where that is no literal. */
type Setting = {
  readonly name: string;
  readonly default: string | undefined;
  readonly values: string | undefined;
};

function readSettings(): Setting[] {
  const source = readText('src/config/read-config.ts').replaceAll('LARGEST_LAG_MS)', `${LARGEST_LAG_MS})`);
  const [, most = ''] = /const environment = z\.object\({\n([\s\S]*?)^}\);/m.exec(source) ?? [];
  const ofOperations = readText('src/config/read-operations.ts');
  const [, others = ''] = /const operationVariables = {\n([\s\S]*?)^};/m.exec(ofOperations) ?? [];
  const body = most + others;
  return [...body.matchAll(/^ {2}([A-Z][A-Z_]+):([\s\S]*?)(?=^ {2}[A-Z]|$(?![\s\S]))/gm)].map(
    ([, name = '', code = '']) => {
      const [, min, max, whole] = /wholeNumber\(([\d_]+), ([\d_]+)\)\.default\(([\d_]+)\)/.exec(code) ?? [];
      const [, list = ''] = /\.enum\(\[([^\]]*)\]/.exec(code) ?? [];
      const choices = [...list.matchAll(/'([^']+)'/g)].map(([, choice]) => choice);
      const [, text] = /\.default\('([^']+)'\)/.exec(code) ?? [];
      const isLocalOnly = code.includes('onOrOff') || (choices.join() === 'on,off' && !text);
      // These defaults stand where they are used.
      const none = ['APIVIDEO_BASE_URL', 'DATA_DIR'].includes(name) ? undefined : 'none';
      return {
        name,
        values: min && max ? `${toDigits(min)} to ${toDigits(max)}` : choices.join(', ') || undefined,
        default: isLocalOnly ? 'on for local use, else off' : whole ? toDigits(whole) : (text ?? none),
      };
    },
  );
}

const toDigits = (literal: string) => literal.replaceAll('_', '');
const withoutTicks = (cell = '') => cell.replaceAll('`', '');

test('the README is at most 8 KB', () => {
  expect(Buffer.byteLength(readText('README.md'))).toBeLessThanOrEqual(8_192);
});

test('every setting stands in docs/configuration.md, with its values and its default', () => {
  const rows = new Map(
    readRows(readText('docs/configuration.md'), 'variable').map((row) => [withoutTicks(row.variable), row]),
  );
  const settings = readSettings();
  expect(settings.length).toBeGreaterThan(20);
  expect([...rows.keys()].toSorted()).toEqual(settings.map(({ name }) => name).toSorted());
  for (const { name, values, default: fallback } of settings) {
    const row = rows.get(name);
    if (fallback !== undefined) expect(withoutTicks(row?.default), name).toBe(fallback);
    if (values !== undefined) expect(withoutTicks(row?.values), name).toBe(values);
  }
});

test('every variable of OpenTelemetry that has an effect stands in docs/configuration.md, and no other', () => {
  const rows = readRows(readText('docs/configuration.md'), 'OpenTelemetry variable');
  const documented = rows.flatMap((row) => readCode(row['OpenTelemetry variable'] ?? ''));
  const source = readText('src/config/read-traces.ts');
  const [, body = ''] = /^const environment = z\.object\({\n([\s\S]*?)^}\);/m.exec(source) ?? [];
  const known = [...body.matchAll(/^ {2}(OTEL_[A-Z_]+):/gm)].map(([, name = '']) => name);
  expect(known.length).toBeGreaterThan(20);
  const ofTraces = documented
    .filter((name) => name.startsWith('OTEL_EXPORTER_OTLP_'))
    .map((name) => name.replace('OTLP_', 'OTLP_TRACES_'));
  expect([...documented, ...ofTraces].toSorted()).toEqual(known.toSorted());
});

test('the defaults in the README are those of docs/configuration.md', () => {
  const rows = readRows(readText('docs/configuration.md'), 'variable');
  const defaults = new Map(rows.map((row) => [withoutTicks(row.variable), withoutTicks(row.default)]));
  const shown = readRows(readText('README.md'), 'variable').flatMap((row) => {
    const values = withoutTicks(row.default).split(', ');
    return withoutTicks(row.variable)
      .split(', ')
      .map((name, index) => ({ name, value: values[index] }));
  });
  expect(shown).toHaveLength(10);
  for (const { name, value } of shown) expect(value, name).toBe(defaults.get(name));
});

test('every code of a failure stands in docs/results.md, and whether it is retryable', () => {
  const rows = readRows(readText('docs/results.md'), '`code`');
  const named = new Map(rows.map((row) => [withoutTicks(row['`code`']), row.retryable]));
  for (const code of readEnum('FailureCode')) expect(named.has(code), code).toBe(true);
  for (const code of readEnum('UserErrorCode')) expect(named.has(code), code).toBe(true);
  const transient = Array.from({ length: 100 }, (_, index) => 400 + index).filter((status) =>
    isTransient({ status }),
  );
  expect(named.get('UPSTREAM_REJECTED')).toBe(`after ${transient.join(', ')}`);
  for (const [code, { retryable }] of Object.entries(FAILURES))
    if (code !== 'UPSTREAM_REJECTED') expect(named.get(code), code).toBe(retryable ? 'yes' : 'no');
});

test('every type of a result stands in docs/results.md', () => {
  const named = readRows(readText('docs/results.md'), 'result').map(({ result }) => withoutTicks(result));
  const types = [...readText('schema.graphql').matchAll(/^type (\w+) implements [^{]*VideoResult\b/gm)];
  expect(named.toSorted()).toEqual(types.map(([, name]) => name).toSorted());
});

test('every endpoint that is documented answers', async () => {
  await using started = await startTestGateway();
  const { gateway } = started;
  const page = await gateway.fetch('http://127.0.0.1/', { headers: { accept: 'text/html' } });
  const [, file = ''] = /"\.(\/assets\/[^"]+)"/.exec(await page.text()) ?? [];
  const paths = readRows(readText('docs/configuration.md'), 'path').map(({ path }) =>
    withoutTicks(path).replace('/assets/*', file),
  );
  expect(paths.length).toBeGreaterThan(3);
  for (const path of paths) {
    const query = path === '/graphql' ? '?query={__typename}' : '';
    const { status } = await gateway.fetch(`http://127.0.0.1${path}${query}`);
    expect(status, path).toBe(200);
  }
});

test('docs/operating.md has every metric with its labels, and no document has another', async () => {
  await using started = await startTestGateway({ logger: await createLogger('silent', { isTTY: false }) });
  const { gateway } = started;
  const scrape = await (await gateway.fetch('http://127.0.0.1/metrics')).text();
  const served = [...scrape.matchAll(/^# TYPE (\w+)/gm)].map(([, name = '']) => name);
  const own = served.filter((name) => name.startsWith('apivideo_graphql_'));
  const rows = readRows(readText('docs/operating.md'), 'metric');
  expect(rows.map(({ metric }) => withoutTicks(metric)).toSorted()).toEqual(own.toSorted());
  for (const [name] of all.matchAll(/\b(?:apivideo_graphql|nodejs)_\w+/g))
    if (!name.endsWith('_')) expect(served).toContain(name);

  const source = globSync('src/telemetry/*.ts', { cwd: ROOT }).map(readText).join('\n');
  for (const { metric, labels = '' } of rows) {
    const [, after = ''] = source.split(`name: \`\${PREFIX}${withoutTicks(metric).slice(17)}\``);
    const [, list = ''] = /^[^}]*?labelNames: \[([^\]]*)\]/.exec(after) ?? [];
    expect(readCode(labels).toSorted(), metric).toEqual(
      [...list.matchAll(/'(\w+)'/g)].map(([, label]) => label).toSorted(),
    );
  }
});

test.each([
  ['docs/sandbox.md', 'src/sandbox/run-sandbox.ts', []],
  ['docs/configuration.md', 'src/main.ts', ['--help']],
  ['docs/check.md', 'src/main.ts check', ['--help']],
])('the options in %s are those of %s', async (document, command, also) => {
  const [program = '', ...args] = command.split(' ');
  const usage = await run(process.execPath, [join(ROOT, program), ...args, '--help'], {
    env: { PATH: process.env.PATH },
  });
  const named = readRows(readText(document), 'option').flatMap(
    ({ option = '' }) => option.match(/--[a-z-]+/) ?? [],
  );
  const known = new Set([...(usage.match(/--[a-z-]+/g) ?? []), ...also]);
  expect(new Set(named)).toEqual(known);
});

test('the table of layers in CONTRIBUTING.md is what the linter holds', () => {
  const messages = readText('biome.json').matchAll(
    /(\w+)\/ may import (no other folder|only [^:]+).*: see Layers/g,
  );
  const held = [...messages].map(([, folder, list = '']) => [
    `${folder}/`,
    list.startsWith('only ') ? list.slice('only '.length).split(', ').toSorted() : ['nothing else'],
  ]);
  expect(held.length).toBeGreaterThan(10);
  const rows = readRows(readText('CONTRIBUTING.md'), 'folder').filter((row) => row['may import']);
  const shown = rows.map(({ folder, 'may import': list = '' }) => [
    withoutTicks(folder),
    list.split(', ').map((each) => withoutTicks(each).replace(/\/$/, '')),
  ]);
  expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(held));
});

test('every file and every folder that a document names exists', () => {
  const folders =
    'auth|check|clients|config|connection|generated|operations|plugins|project|removal|resolvers|sandbox|search|server';
  const pattern = new RegExp(
    `(?<![\\w/-])(?:src/)?((?:${folders}|telemetry|upstream)/[\\w/-]*(?:\\.ts)?)(?![\\w.])`,
    'g',
  );
  const named = [...all.matchAll(pattern)].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(80);
  // The document on the web app names its files from web/ on.
  for (const path of named)
    expect(
      ['src', 'web'].some((root) => existsSync(join(ROOT, root, path))),
      path,
    ).toBe(true);
});

test('CONTRIBUTING.md names every file that a deletion or a durable operation may pass', () => {
  const folders = 'auth,operations,plugins,project,removal,search,server,telemetry,upstream';
  const files = globSync(`{${folders}}/**/*.ts`, { cwd: join(ROOT, 'src') });
  expect(files.length).toBeGreaterThan(130);
  const named = new Set(readText('CONTRIBUTING.md').match(/\b[\w/-]+\.ts\b/g));
  expect(files.map((file) => file.replaceAll('\\', '/')).filter((file) => !named.has(file))).toEqual([]);
});

test('every npm script that a document names exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  for (const [, name = ''] of all.matchAll(/npm run ([\w:-]+)/g))
    expect(Object.keys(scripts)).toContain(name);
});

test('docs/benchmark.md has every row that the benchmark prints by a fixed name', () => {
  const source = readText('test/bench/run-bench.ts');
  const names = [...source.matchAll(/'((?:– |page of|the same page|start|memory)[^']*)'/g)].map(
    ([, name = '']) => name,
  );
  expect(names.length).toBeGreaterThan(8);
  const rows = readRows(readText('docs/benchmark.md'), 'what').map(({ what }) => what);
  for (const name of names) expect(rows).toContain(name);
});
