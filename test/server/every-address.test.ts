// HOST=:: as in the image: IPv6 and IPv4 where there is IPv6, else IPv4 alone.
import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

/** Makes `listen` fail for IPv6, as the kernel does that lacks it. */
const without = (code: string) => {
  const script = `
    import { Server } from 'node:net';
    const { listen } = Server.prototype;
    Server.prototype.listen = function (port, host, ...rest) {
      if (host !== '::') return listen.call(this, port, host, ...rest);
      process.nextTick(() => this.emit('error', Object.assign(new Error('listen'), { code: '${code}' })));
      return this;
    };`;
  return { NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(script)}"` };
};

const readLines = (stdout: string): Record<string, unknown>[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

async function ask(origin: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: '{ videos(first: 1) { totalCount } }' }),
  });
  return response.json();
}

const ANSWER = { data: { videos: { totalCount: 200 } } };

describe('HOST=::', () => {
  test.each(['::', '[::]', '0:0:0:0:0:0:0:0'])(
    'written as %s serves both kinds of addresses',
    async (HOST) => {
      await using started = startGatewayProcess(['--sandbox'], { HOST, PORT: '0' });
      const url = await started.url;
      const { port } = new URL(url);

      // An address that a browser opens.
      expect(url).toBe(`http://localhost:${port}/graphql`);
      expect(await ask(`http://127.0.0.1:${port}`)).toEqual(ANSWER);
      if (hasIpv6) expect(await ask(`http://[::1]:${port}`)).toEqual(ANSWER);
      expect(readLines(started.output.stdout).every(({ level }) => level === 30)).toBe(true);
    },
  );

  test.each(['127.0.0.0/8', '::ffff:127.0.0.1'])(
    'knows IPv4 clients by their IPv4 addresses, and believes the proxy %s',
    async (TRUSTED_PROXIES) => {
      const env = { HOST: '::', PORT: '0', TRUSTED_PROXIES };
      await using started = startGatewayProcess(['--sandbox'], env);
      const { port } = new URL(await started.url);
      const origin = `http://127.0.0.1:${port}`;

      await ask(origin);
      await ask(origin, { 'x-forwarded-for': '::ffff:203.0.113.7, 127.0.0.1' });
      await ask(origin, { 'x-forwarded-for': 'fe80::7%eth0' });

      await eventually(() => {
        const operations = readLines(started.output.stdout).filter(({ type }) => type === 'query');
        expect(operations.map(({ address }) => address)).toEqual(['127.0.0.1', '203.0.113.7', 'fe80::7']);
      });
    },
  );

  test.each(['EAFNOSUPPORT', 'EADDRNOTAVAIL'])(
    'serves IPv4 where there is no IPv6 (%s), and says so',
    async (code) => {
      await using started = startGatewayProcess(['--sandbox'], { HOST: '::', PORT: '0', ...without(code) });
      const { port } = new URL(await started.url);

      expect(await ask(`http://127.0.0.1:${port}`)).toEqual(ANSWER);
      const [line] = readLines(started.output.stdout).filter(({ msg }) => String(msg).includes('no IPv6'));
      expect(line?.msg).toBe(
        `This machine has no IPv6 (${code}), so the gateway listens on 0.0.0.0 instead of ::`,
      );
    },
  );

  test('is refused without AUTH, as any address that others reach', async () => {
    await using started = startGatewayProcess([], { HOST: '::', PORT: '0', APIVIDEO_API_KEY: 'key' });
    expect(await started.ended).toEqual({ code: 1, signal: null });
    expect(started.output.stderr).toContain('HOST: expected a loopback address');
  });
});

test('an IPv6 address of its own does not become IPv4', async () => {
  await using started = startGatewayProcess(['--sandbox'], { HOST: '2001:db8::7', PORT: '0' });
  expect(await started.ended).toEqual({ code: 1, signal: null });
  expect(started.output.stderr).toContain('Cannot listen on [2001:db8::7]:0: ');
});
