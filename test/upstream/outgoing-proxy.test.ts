// The gateway in a network that it leaves only through a proxy: what the proxy sees, what its faults do to results, and
// that nothing else is known to it.
import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { beforeAll, describe, expect, test } from 'vitest';
import { createConnections } from '../../src/upstream/transport.ts';
import { NotSentError } from '../../src/upstream/upstream-errors.ts';
import { DeleteVideosDocument, RestoreVideosDocument } from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { captureLog } from '../support/capture-log.ts';
import { startCollector } from '../support/collector.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { startJwtGateway } from '../support/issue-jwt.ts';
import { startKeyServer } from '../support/key-server.ts';
import {
  answer,
  CERTIFICATE_PATH,
  type ProxyFault,
  startOutgoingProxy,
  startTlsInFront,
  TLS,
  trustCertificate,
} from '../support/outgoing-proxy.ts';
import { startSandbox } from '../support/sandbox.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const HOST = 'api.video.test';
/** `user:p@ss wörd`, as a URL and as a header has it. */
const USERINFO = 'user:p%40ss%20w%C3%B6rd';
const CREDENTIALS = `Basic ${Buffer.from('user:p@ss wörd').toString('base64')}`;
const SECRETS = ['p@ss', 'p%40ss', CREDENTIALS.slice(6)];
const VIDEOS = '{ videos(first: 1) { totalCount } }';

beforeAll(trustCertificate);

/** A gateway whose api.video is `https://api.video.test` or `http://api.video.test`, behind a proxy that knows the way. */
async function start(scheme: 'http' | 'https', env: Record<string, string> = {}) {
  await using stack = new AsyncDisposableStack();
  const { videos, ids } = createVideos(3);
  const log = captureLog('debug');
  let upstream = 0;
  const tls = stack.use(await startTlsInFront(() => upstream));
  const proxy = stack.use(await startOutgoingProxy(() => (scheme === 'https' ? tls.port : upstream)));
  const uri = `http://${USERINFO}@127.0.0.1:${proxy.port}`;
  const started = stack.use(
    await startTestGateway({
      videos,
      logger: log.logger,
      env: {
        APIVIDEO_BASE_URL: `${scheme}://${HOST}`,
        VIDEO_RESTORE: 'on',
        READ_CACHE_SECONDS: '0',
        [`${scheme.toUpperCase()}_PROXY`]: uri,
        ...env,
      },
      upstreamLagMs: 100,
    }),
  );
  upstream = Number(new URL(started.sandbox.url).port);
  const resources = stack.move();
  return { ...started, proxy, ids, log, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

describe('https through a proxy', () => {
  test('is one tunnel for each connection, with the credentials for the proxy, which no one else learns', async () => {
    await using started = await start('https');
    const { sandbox, execute, proxy, ids, log, gateway } = started;
    const before = rememberStates(sandbox, ids);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });
    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
    const { restoreVideos } = await execute(RestoreVideosDocument, { ids });
    expect(restoreVideos?.summary).toMatchObject({ succeeded: 3 });
    expect(new Set(proxy.seen.map(({ asked }) => asked))).toEqual(new Set([`CONNECT ${HOST}:443`]));
    expect(new Set(proxy.seen.map(({ credentials }) => credentials))).toEqual(new Set([CREDENTIALS]));
    expect(proxy.seen.length).toBeLessThanOrEqual(sandbox.requests.length);
    const ready = await (await gateway.fetch('http://127.0.0.1/ready')).text();
    for (const secret of SECRETS) {
      expect(log.text() + ready).not.toContain(secret);
      expect(JSON.stringify(sandbox.requests)).not.toContain(secret);
    }
    await gateway.close();
    await eventually(() => expect(proxy.sockets.size).toBe(0));
  });

  const FAULTS: readonly (readonly [string, ProxyFault])[] = [
    ['answers 407', answer('407 Proxy Authentication Required')],
    ['answers 403', answer('403 Forbidden')],
    ['answers 502', answer('502 Bad Gateway')],
    ['answers 302', answer('302 Found\r\nLocation: http://login.example.com/')],
    ['answers what is no HTTP', (socket) => socket.end('220 mail.example.com ESMTP\r\n')],
    ['closes without an answer', (socket) => socket.end()],
    ['resets', (socket) => socket.resetAndDestroy()],
    ['closes the tunnel at once', (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n')],
    [
      'opens a tunnel to what has no TLS',
      (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{}'),
    ],
    ['never answers', (socket) => socket.resume()],
  ];
  test.each(FAULTS)('that %s is known to have passed on nothing', async (_how, fault) => {
    await using started = await start('https', { UPSTREAM_TIMEOUT_MS: '2000' });
    const { sandbox, execute, post, proxy, ids, log } = started;
    // The token and the dialect are there, so that the writes themselves meet the fault.
    await eventually(async () => expect((await post({ query: VIDEOS })).errors).toEqual([]));
    const before = rememberStates(sandbox, ids);
    const requests = sandbox.requests.length;
    const tunnels = proxy.seen.length;
    proxy.state.fault = fault;
    proxy.cut();

    const deleted = await execute(DeleteVideosDocument, { ids, options: { ifPermanent: 'ALLOW' } });
    const { restoreVideos } = await execute(RestoreVideosDocument, { ids });

    for (const payload of [deleted.deleteVideos, restoreVideos]) {
      expect(assertTrue(sandbox, before, payload)).toEqual(ids.map(() => 'UPSTREAM_UNAVAILABLE'));
      expect(payload?.results).toMatchObject(ids.map(() => ({ retryable: true })));
    }
    expect(sandbox.requests).toHaveLength(requests);
    // Nothing tries in a loop.
    expect(proxy.seen.length - tunnels).toBeLessThan(60);
    for (const secret of SECRETS) expect(log.text()).not.toContain(secret);
    const unsent = log.lines.filter(({ msg }) => msg === 'A request did not reach api.video');
    expect(unsent.length).toBeGreaterThan(0);

    proxy.state.fault = undefined;
    await eventually(async () => expect((await post({ query: VIDEOS })).errors).toEqual([]));
  });

  test('ends in TLS of the host itself: a proxy that leads elsewhere gets nothing', async () => {
    await using started = await start('https', { APIVIDEO_BASE_URL: 'https://other.video.test' });
    const { sandbox, execute, post, ids, log } = started;

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });
    await post({ query: VIDEOS });

    expect(deleteVideos?.results).toMatchObject(ids.map(() => ({ code: 'UPSTREAM_UNAVAILABLE' })));
    expect(sandbox.requests).toEqual([]);
    expect(log.text()).toContain("other.video.test. is not in the cert's altnames");
  });

  test('goes through a proxy that itself speaks TLS, whose certificate must have its own name', async () => {
    await using stack = new AsyncDisposableStack();
    let plain = 0;
    const inFront = stack.use(await startTlsInFront(() => plain));
    await using started = await start('https', {
      HTTPS_PROXY: `https://${USERINFO}@localhost:${inFront.port}`,
    });
    plain = started.proxy.port;
    expect(await started.post({ query: VIDEOS })).toMatchObject({ data: { videos: { totalCount: 3 } } });
    expect(started.proxy.seen[0]).toEqual({ asked: `CONNECT ${HOST}:443`, credentials: CREDENTIALS });

    await using wrong = await start('https', { HTTPS_PROXY: `https://127.0.0.2:${inFront.port}` });
    plain = wrong.proxy.port;
    const { errors } = await wrong.post({ query: VIDEOS });
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }]);
    expect(wrong.proxy.seen).toEqual([]);
  });
});

test('why nothing reaches api.video is in the log, even if only writes are asked for', async () => {
  await using started = await start('https');
  const { execute, proxy, ids, log } = started;
  proxy.state.fault = answer('407 Proxy Authentication Required');
  const reason = `upstream could not be reached: the proxy 127.0.0.1:${proxy.port} answered 407 to CONNECT`;

  await execute(DeleteVideosDocument, { ids: ids.slice(0, 1) });
  await execute(RestoreVideosDocument, { ids: ids.slice(0, 1) });
  expect(log.lines).toContainEqual(
    expect.objectContaining({ level: 40, msg: 'A request did not reach api.video', reason }),
  );

  for (let count = 0; count < 6; count += 1) await execute(DeleteVideosDocument, { ids });
  expect(log.lines).toContainEqual(
    expect.objectContaining({ msg: expect.stringMatching(/^api\.video fails every request/), reason }),
  );
  expect(log.lines.filter((line) => line.reason === reason)).toHaveLength(2);
  for (const secret of SECRETS) expect(log.text()).not.toContain(secret);
});

describe('plain http through a proxy', () => {
  test('is sent with its whole address, and with the credentials for the proxy', async () => {
    await using started = await start('http');
    const { sandbox, execute, proxy, ids, log } = started;
    const before = rememberStates(sandbox, ids);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
    expect(proxy.seen).toHaveLength(sandbox.requests.length);
    for (const { asked, credentials } of proxy.seen) {
      expect(asked).toMatch(/^(GET|POST|DELETE) http:\/\/api\.video\.test\//);
      expect(credentials).toBe(CREDENTIALS);
    }
    for (const secret of SECRETS) expect(log.text()).not.toContain(secret);
  });

  test.each([true, false])(
    'whose deletions it answers with 407 is never believed (acted: %s)',
    async (acts) => {
      await using started = await start('http');
      const { sandbox, execute, proxy, ids } = started;
      // Several lost answers would open the circuit, and nothing is sent then.
      const one = ids.slice(0, 1);
      const before = rememberStates(sandbox, one);
      proxy.state.instead = ({ method, url = '', headers }, response) => {
        if (method !== 'DELETE') return undefined;
        const refuse = () => response.writeHead(407, { 'content-type': 'text/html' }).end('<h1>no</h1>');
        const { authorization = '' } = headers;
        const path = new URL(url).pathname;
        if (acts) void fetch(sandbox.url + path, { method, headers: { authorization } }).then(refuse);
        else refuse();
        return true;
      };

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids: one });

      const outcomes = assertTrue(sandbox, before, deleteVideos, { mayBeUnknown: acts ? [] : one });
      if (acts) expect(outcomes).toEqual(['VideoRemoved']);
      else expect(deleteVideos?.results).toMatchObject([{ retryable: true }]);
      expect(JSON.stringify(deleteVideos)).not.toContain('UPSTREAM_REJECTED');
    },
  );
});

describe('everything else that leaves the gateway', () => {
  test('the keys of tokens come through the proxy', async () => {
    await using keys = await startKeyServer();
    await using tls = await startTlsInFront(() => Number(new URL(keys.url).port));
    await using proxy = await startOutgoingProxy(() => tls.port);
    await using started = await startJwtGateway({
      JWT_JWKS_URL: 'https://id.video.test/jwks',
      HTTPS_PROXY: `http://${USERINFO}@127.0.0.1:${proxy.port}`,
    });

    const { status } = await started.ask(await keys.sign(), '{ viewer { canRead } }');

    expect(status).toBe(200);
    expect(proxy.seen).toEqual([{ asked: 'CONNECT id.video.test:443', credentials: CREDENTIALS }]);
    expect(keys.state.requests).toBe(1);
  });

  test.each(['https', 'http'])('traces go through the proxy to a collector with %s', async (scheme) => {
    await using collector = await startCollector();
    const port = () => Number(new URL(collector.url).port);
    await using tls = await startTlsInFront(port);
    await using proxy = await startOutgoingProxy(() => (scheme === 'https' ? tls.port : port()));
    const log = captureLog('debug');
    await using started = await startTestGateway({
      logger: log.logger,
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: `${scheme}://collector.video.test`,
        OTEL_BSP_SCHEDULE_DELAY: '1',
        [`${scheme}_proxy`]: `http://${USERINFO}@127.0.0.1:${proxy.port}`,
      },
    });

    await started.post({ query: VIDEOS });
    await eventually(() => expect(collector.spans.length).toBeGreaterThan(0));

    const asked =
      scheme === 'https' ? 'CONNECT collector.video.test:443' : 'POST http://collector.video.test/v1/traces';
    expect(proxy.seen[0]).toEqual({ asked, credentials: CREDENTIALS });
    for (const secret of SECRETS) expect(log.text() + collector.text).not.toContain(secret);
  });

  test('a collector behind a proxy that refuses is one line, without the credentials', async () => {
    await using proxy = await startOutgoingProxy(() => 1);
    proxy.state.fault = answer('407 Proxy Authentication Required');
    const log = captureLog('debug');
    await using started = await startTestGateway({
      logger: log.logger,
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.video.test',
        OTEL_EXPORTER_OTLP_TIMEOUT: '3000',
        OTEL_BSP_SCHEDULE_DELAY: '1',
        HTTPS_PROXY: `http://${USERINFO}@127.0.0.1:${proxy.port}`,
      },
    });
    await started.post({ query: VIDEOS });

    const lines = await eventually(() => {
      const found = log.lines.filter(({ collector }) => collector !== undefined);
      expect(found).toHaveLength(1);
      return found;
    });
    expect(lines[0]?.reason).toContain('407');
    for (const secret of SECRETS) expect(log.text()).not.toContain(secret);
  });
});

test('a collector and an api.video on this machine are reached without the proxy', async () => {
  await using proxy = await startOutgoingProxy(() => 1);
  await using collector = await startCollector();
  const uri = `http://127.0.0.1:${proxy.port}`;
  await using started = await startTestGateway({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url.replace('127.0.0.1', 'localhost'),
      OTEL_BSP_SCHEDULE_DELAY: '1',
      HTTP_PROXY: uri,
      HTTPS_PROXY: uri,
    },
  });

  expect((await started.post({ query: VIDEOS })).errors).toEqual([]);
  await eventually(() => expect(collector.spans.length).toBeGreaterThan(0));

  expect(proxy.seen).toEqual([]);
});

test('the end of the gateway gives up a tunnel that the proxy does not open', async () => {
  await using proxy = await startOutgoingProxy(() => 1);
  proxy.state.fault = (socket) => socket.resume();
  const connections = createConnections({
    baseUrl: new URL(`https://${HOST}`),
    connections: 2,
    timeoutMs: 20_000,
    proxy: new URL(`http://127.0.0.1:${proxy.port}`),
  });
  const lost = connections.share(2).send({ method: 'GET', path: '/', headers: {} });
  const ended = expect(lost).rejects.toThrow(NotSentError);
  await eventually(() => expect(proxy.seen).toHaveLength(1));

  await connections.abort();

  await ended;
  await eventually(() => expect(proxy.sockets.size).toBe(0));
});

test.each(['directly', 'through a proxy'])(
  'a host that offers HTTP/2 gets HTTP/1.1 %s, one request at a time on a connection',
  async (way) => {
    const versions: string[] = [];
    const host = createSecureServer({ ...TLS, allowHTTP1: true }, (request, response) => {
      versions.push(request.httpVersion);
      response.end('{}');
    });
    host.listen(0, '127.0.0.1');
    await once(host, 'listening');
    const address = host.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await using proxy = await startOutgoingProxy(() => port);
    const connections = createConnections({
      baseUrl: new URL(`https://localhost:${port}`),
      connections: 5,
      timeoutMs: 20_000,
      proxy: way === 'directly' ? undefined : new URL(`http://127.0.0.1:${proxy.port}`),
    });
    const { send } = connections.share(5);

    await Promise.all(Array.from({ length: 20 }, () => send({ method: 'GET', path: '/', headers: {} })));
    await connections.close();
    host.close();

    expect(new Set(versions)).toEqual(new Set(['1.1']));
    expect(versions).toHaveLength(20);
    expect(proxy.seen.length).toBeLessThanOrEqual(way === 'directly' ? 0 : 5);
  },
);

describe('the program', () => {
  test.each(['0', '1'])(
    'goes through the proxy once, with NODE_USE_ENV_PROXY=%s',
    async (NODE_USE_ENV_PROXY) => {
      await using sandbox = await startSandbox();
      await using tls = await startTlsInFront(() => Number(new URL(sandbox.url).port));
      await using proxy = await startOutgoingProxy(() => tls.port);
      await using collector = await startCollector();
      await using program = startGatewayProcess([], {
        PORT: '0',
        APIVIDEO_API_KEY: 'sandbox-key',
        APIVIDEO_BASE_URL: `https://${HOST}`,
        HTTP_PROXY: `http://${USERINFO}@127.0.0.1:${proxy.port}`,
        NODE_EXTRA_CA_CERTS: CERTIFICATE_PATH,
        NODE_USE_ENV_PROXY,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_BSP_SCHEDULE_DELAY: '1',
      });
      const headers = { 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body: JSON.stringify({ query: VIDEOS }) };

      const answered = await fetch(await program.url, init);

      expect(await answered.json()).toEqual({ data: { videos: { totalCount: 0 } } });
      expect(new Set(proxy.seen.map(({ asked }) => asked))).toEqual(new Set([`CONNECT ${HOST}:443`]));
      await eventually(() => expect(collector.spans.length).toBeGreaterThan(0));
      expect(program.output.stdout).toContain(
        `on ${HOST}, through the proxy 127.0.0.1:${proxy.port}, AUTH=none`,
      );
      for (const secret of SECRETS) expect(JSON.stringify(program.output)).not.toContain(secret);
    },
  );

  test('that checks api.video goes through the proxy too', async () => {
    await using sandbox = await startSandbox(createVideos(2));
    await using proxy = await startOutgoingProxy(() => Number(new URL(sandbox.url).port));
    const uri = `http://${USERINFO}@127.0.0.1:${proxy.port}`;
    const env = { APIVIDEO_API_KEY: 'sandbox-key', APIVIDEO_BASE_URL: `http://${HOST}`, http_proxy: uri };
    await using program = startGatewayProcess(['check'], env);
    await program.ended;

    expect(program.output.stdout).toContain(HOST);
    expect(proxy.seen.length).toBeGreaterThan(3);
    expect(proxy.seen).toHaveLength(sandbox.requests.length);
    for (const secret of SECRETS) expect(JSON.stringify(program.output)).not.toContain(secret);
  });
});
