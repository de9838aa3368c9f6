// Builds the web app after `npm ci` and `npm install` in a checkout. Where the development dependencies are left out, as with
// `--omit=dev`, there is nothing to build with, and the gateway serves everything but the app.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const config = fileURLToPath(new URL('vite.config.ts', import.meta.url));

if (existsSync(config) && canResolve('vite') && canResolve('react-aria-components')) {
  const { build } = await import('vite');
  await build({ configFile: config, logLevel: 'warn' });
}

function canResolve(name) {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}
