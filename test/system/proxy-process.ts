// Starts nginx and HAProxy with the configurations of docs/proxies.md, word for word but for ports, addresses and paths.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { readExamples } from '../docs/read-documents.ts';
import { eventually } from '../support/eventually.ts';
import { listen } from '../support/listen.ts';
import { run } from '../support/run-command.ts';

export const PROXIES = ['nginx', 'haproxy'] as const;
export type ProxyName = (typeof PROXIES)[number];

export type ProxyProcess = AsyncDisposable & {
  readonly port: number;
  /** The proxy's certificate, for clients that verify it. */
  readonly certificate: string;
};

/** How often the addresses of gateways occur in the configurations. */
export const GATEWAYS = { nginx: 1, haproxy: 2 } as const;
export const HOST_NAME = 'videos.example.com';
const PATH = [process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter);

/** The example of this name in docs/proxies.md. */
export function readProxyExample(name: string): string {
  const example = readExamples().get(name);
  if (example?.document !== 'docs/proxies.md') throw new Error(`docs/proxies.md has no example ${name}`);
  return example.code;
}

/** The environment variables that docs/proxies.md sets for the gateways behind a proxy. */
export function readProxySettings(name: ProxyName): Record<string, string> {
  const lines = readProxyExample(`${name}-settings`).trim().split('\n');
  return Object.fromEntries(lines.map((line) => line.split('=', 2)));
}

/** Replaces each text, which must occur: otherwise the documented configuration would not be the tested one. */
export function replaceEach(text: string, replacements: readonly (readonly [string, string])[]): string {
  let replaced = text;
  for (const [from, to] of replacements) {
    if (!replaced.includes(from)) throw new Error(`the configuration has no ${from}`);
    replaced = replaced.replaceAll(from, to);
  }
  return replaced;
}

/**
 * Starts a proxy on a free port, in front of gateways on these ports. `await using` stops it.
 *
 * @param edits - what else to replace in its configuration.
 */
export async function startProxy(
  name: ProxyName,
  gatewayPorts: readonly number[],
  edits: readonly (readonly [string, string])[] = [],
): Promise<ProxyProcess> {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  const certificate = await makeCertificate(folder);
  const port = await findFreePort();
  const [first = 0, second = 0] = gatewayPorts;
  const example = replaceEach(readProxyExample(name), edits);
  const configuration =
    name === 'nginx'
      ? wrapForNginx(
          folder,
          replaceEach(example, [
            ['listen 443 ', `listen 127.0.0.1:${port} `],
            ['127.0.0.1:4000', `127.0.0.1:${first}`],
            ['/etc/nginx/tls', folder],
          ]),
        )
      : replaceEach(example, [
          ['bind :443 ', `bind 127.0.0.1:${port} `],
          ['10.0.0.11:4000', `127.0.0.1:${first}`],
          ['10.0.0.12:4000', `127.0.0.1:${second}`],
          ['/etc/haproxy/tls', folder],
        ]);
  const file = join(folder, `${name}.cfg`);
  await writeFile(file, configuration);
  const args = name === 'nginx' ? ['-e', 'stderr', '-p', folder, '-c', file] : ['-db', '-f', file];
  // It ends with the process of the tests, even if that is killed.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', name, ...args], {
    env: { ...process.env, PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = Promise.race([once(child, 'close'), once(child, 'error')]);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const stop = async () => {
    if (child.exitCode === null) child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true });
  };
  const failed = ended.then(() => Promise.reject(new Error(`${name} ended: ${output}`)));
  // Only the start waits for this.
  failed.catch(() => {});
  try {
    await Promise.race([eventually(() => connectOnce(port)), failed]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, certificate, [Symbol.asyncDispose]: stop };
}

/** The main file that a distribution brings. One process without a master, so that stopping it leaves none behind. */
function wrapForNginx(folder: string, site: string): string {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const temporary = kinds.map((kind) => `  ${kind}_temp_path ${folder}/${kind};`);
  return [
    'daemon off; master_process off;',
    `pid ${folder}/nginx.pid;`,
    'events { worker_connections 512; }',
    'http {',
    '  access_log off;',
    ...temporary,
    site,
    '}',
  ].join('\n');
}

/** A certificate that signs itself, in the two forms that the configurations name. */
async function makeCertificate(folder: string): Promise<string> {
  const path = join(folder, HOST_NAME);
  const subject = ['-subj', `/CN=${HOST_NAME}`, '-addext', `subjectAltName=DNS:${HOST_NAME}`];
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    `${path}.key`,
  ];
  await run('openssl', ['req', '-x509', ...key, '-out', `${path}.crt`, '-days', '2', ...subject]);
  const certificate = await readFile(`${path}.crt`, 'utf8');
  await writeFile(`${path}.pem`, certificate + (await readFile(`${path}.key`, 'utf8')));
  return certificate;
}

export async function findFreePort(): Promise<number> {
  await using listening = await listen(createServer());
  return listening.port;
}

async function connectOnce(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect').finally(() => socket.destroy());
}
