// The web app below a prefix that a proxy in front takes away.
import { createServer, request } from 'node:http';
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { listen } from '../support/listen.ts';

const PREFIX = '/videos';

/** Passes on what is below the prefix, without it, and has nothing else. */
async function startPrefixProxy(port: number) {
  const asked: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const { url = '', method, headers } = incoming;
    asked.push(url);
    if (!url.startsWith(`${PREFIX}/`)) {
      outgoing.writeHead(404).end('another application');
      return;
    }
    const path = url.slice(PREFIX.length);
    const passed = request({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.once('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  return { ...(await listen(server)), asked };
}

test('both pages load, ask and link below it, and nothing outside', async () => {
  await using gateway = startGatewayProcess(['--sandbox'], { PORT: '0' });
  const { port } = new URL(await gateway.url);
  await using proxy = await startPrefixProxy(Number(port));
  await using stack = new AsyncDisposableStack();
  const browser = stack.adopt(await startBrowser(), (each) => each.close());

  for (const path of ['/', '/removed']) {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    const answered = page.waitForResponse((response) => response.url().endsWith(`${PREFIX}/graphql`));
    await page.goto(`http://127.0.0.1:${proxy.port}${PREFIX}${path}`);

    expect((await answered).status(), path).toBe(200);
    await page.getByRole('row').first().waitFor();
    const links = await page
      .locator('a[href]')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    expect(links.length).toBeGreaterThan(0);
    for (const link of links)
      expect(new URL(link ?? '', page.url()).pathname, String(link)).toMatch(new RegExp(`^${PREFIX}/`));
    expect(complaints).toEqual([]);
    await page.close();
  }

  expect(proxy.asked.some((url) => url.startsWith(`${PREFIX}/assets/`))).toBe(true);
  expect(proxy.asked.filter((url) => !url.startsWith(`${PREFIX}/`))).toEqual([]);
}, 120_000);
