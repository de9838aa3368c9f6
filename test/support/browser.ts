// A Chromium from an npm package, so that browser tests need nothing but `npm ci`.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import bundled, { inflate } from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/**
 * Arguments of the package that the tests must not use. Some switch off the same-origin policy, which the tests check. The
 * single process, meant for Lambda, ends with the first closed context.
 */
const UNWANTED = /^--(disable-web-security|allow-running-insecure-content|headless|single-process)/;

/**
 * Starts a browser, which the caller must close.
 *
 * @param args - for Chromium, in addition to the package's.
 */
export async function startBrowser(args: readonly string[] = []): Promise<Browser> {
  bundled.setGraphicsMode = false;
  const options = {
    executablePath: await bundled.executablePath(),
    args: [...bundled.args.filter((argument) => !UNWANTED.test(argument)), ...args],
    // The package's own font, because a machine may have none.
    env: { ...process.env, FONTCONFIG_PATH: join(tmpdir(), 'fonts') },
  };
  try {
    return await chromium.launch(options);
  } catch {
    // A container may lack libnss3, for example: the package brings these libraries along.
    const path = new URL('../bin/al2023.tar.br', import.meta.resolve('@sparticuz/chromium'));
    const libraries = join(await inflate(fileURLToPath(path)), 'lib');
    return chromium.launch({ ...options, env: { ...options.env, LD_LIBRARY_PATH: libraries } });
  }
}
