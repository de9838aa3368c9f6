// A program of its own: sends a gateway many requests, each unlike the others, and prints how many bytes of its heap each
// has left behind after garbage collection. Run it with --expose-gc.
import { createHmac, randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { readConfig } from '../../src/config/read-config.ts';
import { createGateway } from '../../src/gateway.ts';

/** What each request sends, as a document of its own. */
const DOCUMENTS: Record<string, (id: string) => string> = {
  failing: (id) => DOCUMENTS[FAILING[Math.floor(Math.random() * FAILING.length)] ?? '']?.(id) ?? '',
  unparsable: (id) => `{ videos { ${id} "${'x'.repeat(500)}" `,
  invalid: (id) => `{ ${id} ${Array.from({ length: 30 }, (_, index) => `w${index}`).join(' ')} }`,
  excessive: (id) => `{ ${id}: __typename ${'__typename '.repeat(200)} }`,
  valid: (id) => `{ ${id}: __typename ${'__typename '.repeat(90)} }`,
};
const FAILING = ['unparsable', 'invalid', 'excessive'];
const BATCH = 50;

const [mode = '', kind = '', count = '', baseUrl = ''] = process.argv.slice(2);
const SECRET = 'a secret of thirty-two characters';
const ENV: Record<string, Record<string, string>> = {
  none: { APIVIDEO_API_KEY: 'sandbox-key' },
  passthrough: { AUTH: 'passthrough' },
  jwt: {
    AUTH: 'jwt',
    APIVIDEO_API_KEY: 'sandbox-key',
    JWT_SECRET: SECRET,
    JWT_ISSUER: 'issuer',
    JWT_AUDIENCE: 'audience',
  },
};
const config = readConfig({ APIVIDEO_BASE_URL: baseUrl, ...ENV[mode] }, { sandbox: false });
const gateway = await createGateway(config, pino({ level: 'silent' }));
const { gc: collect = () => raise('expected --expose-gc') } = globalThis;
const write = DOCUMENTS[kind] ?? raise(`expected one of ${Object.keys(DOCUMENTS)}`);

function raise(message: string): never {
  throw new Error(message);
}

/** In `passthrough` anybody can make one up; in `jwt` only documents of callers with a token are read. */
function createToken(id: string): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const claims = {
    projectId: `pr${id}`,
    sub: id,
    iss: 'issuer',
    aud: 'audience',
    exp,
    pad: 'x'.repeat(1000),
  };
  const signed = `${encode({ alg: 'HS256' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}

async function send(): Promise<void> {
  const id = `a${randomUUID().replaceAll('-', '')}`;
  const response = await gateway.fetch('http://127.0.0.1/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${createToken(id)}` },
    body: JSON.stringify({ query: write(id) }),
  });
  await response.text();
}

async function sendAll(requests: number): Promise<number> {
  for (let sent = 0; sent < requests; sent += BATCH) await Promise.all(Array.from({ length: BATCH }, send));
  // Once more for what only waits to be finalised.
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    await collect();
  }
  return process.memoryUsage().heapUsed;
}

const before = await sendAll(Number(count) / 4);
const after = await sendAll(Number(count));
process.stdout.write(`${Math.round((after - before) / Number(count))} ${after}\n`);
await gateway.close();
