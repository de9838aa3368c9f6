// An example of docs/examples/, bundled as a frontend would, and served on a port of its own: a page of another origin.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { packClient } from './client-package.ts';
import { listen } from './listen.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GATEWAY = 'http://127.0.0.1:4000';

/** What an app installs beside the package, in the versions of the development dependencies. */
const CLIENTS = [
  '@apollo/client',
  '@urql/core',
  '@urql/exchange-graphcache',
  'react',
  'react-dom',
  'rxjs',
  'urql',
];

/** Bundles examples in a new app, in which the packed package is installed: by name, a script that renders its `App`. */
export async function bundleExamples(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  using client = await packClient();
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const app = await client.install(CLIENTS.map((name) => `${name}@${devDependencies[name]}`));
  for (const name of ['library', 'operations', ...names])
    cpSync(join(ROOT, `docs/examples/${name}.tsx`), join(app, `examples/${name}.tsx`));
  const bundles = new Map<string, string>();
  for (const name of names) bundles.set(name, await bundleExample(app, name));
  return bundles;
}

async function bundleExample(app: string, name: string): Promise<string> {
  const entry = `
    import { createElement } from 'react';
    import { createRoot } from 'react-dom/client';
    import { App } from './examples/${name}.tsx';
    createRoot(document.getElementById('root')).render(createElement(App));`;
  const input = join(app, `${name}.ts`);
  writeFileSync(input, entry);
  const built = await build({
    root: app,
    configFile: false,
    logLevel: 'warn',
    mode: 'development',
    build: { write: false, minify: false, rolldownOptions: { input } },
  });
  const outputs = Array.isArray(built) ? built : [built];
  const [chunk] = outputs.flatMap((each) => ('output' in each ? each.output : []));
  if (chunk?.type !== 'chunk' || !chunk.code.includes(GATEWAY)) throw new Error(`no bundle of ${name}`);
  return chunk.code;
}

/** Serves the bundle; `gatewayOrigin` is asked at each load, as the gateway may start after the page's server. */
export async function servePage(bundle: string, gatewayOrigin: () => string) {
  const server = createServer((request, response) => {
    if (request.url === '/app.js') {
      response.setHeader('content-type', 'text/javascript; charset=utf-8');
      response.end(bundle.replaceAll(GATEWAY, gatewayOrigin()));
    } else {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(
        '<!doctype html><title>Example</title><link rel="icon" href="data:,"><div id="root"></div><script type="module" src="/app.js"></script>',
      );
    }
  });
  const listening = await listen(server);
  return { origin: `http://127.0.0.1:${listening.port}`, ...listening };
}
