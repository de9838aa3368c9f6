// Where the build of the web app is, and whether there is one.
import { existsSync } from 'node:fs';

/** The same for the sources in `src/` and for the compiled code in `dist/`. */
export const WEB_APP_FOLDER = new URL('../../dist/web/', import.meta.url);

/** For the log and for browsers, where the web app is on but has not been built. */
export const NOT_BUILT = 'The web app is not built: npm run build:web';

export function isWebAppBuilt(): boolean {
  return existsSync(new URL('index.html', WEB_APP_FOLDER));
}
