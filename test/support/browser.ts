// A Chromium from an npm package, so that browser tests run where nothing but `npm ci` was run.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import bundled, { inflate } from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/**
 * Left out of the package's arguments: those that switch off what the tests are about, a page's own origin; and the single
 * process that Lambda needs, which ends with the first context that is closed.
 */
const UNWANTED = /^--(disable-web-security|allow-running-insecure-content|headless|single-process)/;

/**
 * Starts a browser; whoever starts it closes it.
 *
 * @param args - of Chromium, besides the package's.
 */
export async function startBrowser(args: readonly string[] = []): Promise<Browser> {
  bundled.setGraphicsMode = false;
  const options = {
    executablePath: await bundled.executablePath(),
    args: [...bundled.args.filter((argument) => !UNWANTED.test(argument)), ...args],
    // The package's own font, as a machine may have none.
    env: { ...process.env, FONTCONFIG_PATH: join(tmpdir(), 'fonts') },
  };
  try {
    return await chromium.launch(options);
  } catch {
    // Such as a container without libnss3: the package brings its own for machines like it.
    const path = new URL('../bin/al2023.tar.br', import.meta.resolve('@sparticuz/chromium'));
    const libraries = join(await inflate(fileURLToPath(path)), 'lib');
    return chromium.launch({ ...options, env: { ...options.env, LD_LIBRARY_PATH: libraries } });
  }
}
