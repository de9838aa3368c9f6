// The files of the web app in memory, as `npm run build:web` left them: the page, what it loads, and the documents that it
// sends. They are read together at the first visit, so that they fit each other whatever happens on the disk.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import * as z from 'zod';
import type { PersistedOperations } from '../config/read-manifest.ts';
import { WEB_APP_FOLDER } from '../config/web-app-folder.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export type WebFile = {
  readonly type: string;
  readonly plain: Bytes;
  /** Undefined if the build left the file as it is. */
  readonly brotli: Bytes | undefined;
  readonly gzipped: Bytes | undefined;
};

export type WebApp = {
  readonly page: WebFile;
  /** From the page's content. Its size and date do not tell pages apart: npm packs all files with one date. */
  readonly etag: string;
  /** By name, without a folder. */
  readonly assets: ReadonlyMap<string, WebFile>;
  readonly documents: {
    readonly byId: PersistedOperations;
    /** The id of each, by its text, letter by letter as the app sends it. */
    readonly ids: ReadonlyMap<string, string>;
  };
};

/** @returns undefined if the app is not built. */
export type ReadWebApp = () => Promise<WebApp | undefined>;

/**
 * Reads the app at the first call, and keeps it. As long as it is not built, each call looks again.
 *
 * @param settings - names and values for the page, which it finds in its `meta` elements.
 */
export function createReadWebApp(
  settings: Readonly<Record<string, string>>,
  folder: URL = WEB_APP_FOLDER,
): ReadWebApp {
  let reading: Promise<WebApp | undefined> | undefined;
  return async () => {
    reading ??= readWebApp(settings, folder);
    try {
      const app = await reading;
      if (!app) reading = undefined;
      return app;
    } catch (error) {
      reading = undefined;
      throw error;
    }
  };
}

async function readWebApp(
  settings: Readonly<Record<string, string>>,
  folder: URL,
): Promise<WebApp | undefined> {
  const files = await readFiles(folder);
  const html = files?.get('index.html');
  const manifest = files?.get('operations.json');
  if (!files || !html || !manifest) return undefined;
  const page = Buffer.from(addSettings(Buffer.from(html).toString(), settings));
  return {
    page: {
      type: 'text/html; charset=utf-8',
      plain: page,
      brotli: await compressBrotli(page),
      gzipped: await compressGzip(page),
    },
    etag: `"${createHash('sha256').update(page).digest('base64url')}"`,
    assets: toAssets(files),
    documents: readDocuments(Buffer.from(manifest).toString()),
  };
}

/** What the build writes last: the size of each other file. */
const sizesOfBuild = z.record(z.string(), z.number());

/** All files of the build by their paths; undefined if there is none, or one goes on and has not written them all. */
async function readFiles(folder: URL): Promise<ReadonlyMap<string, Bytes> | undefined> {
  try {
    const text = await readFile(new URL('files.json', folder), 'utf8');
    const sizes = Object.entries(sizesOfBuild.parse(JSON.parse(text)));
    const files = await Promise.all(
      sizes.map(async ([name]): Promise<[string, Bytes]> => [name, await readFile(new URL(name, folder))]),
    );
    const isWhole = sizes.every(([, size], index) => files[index]?.[1].length === size);
    return isWhole ? new Map(files) : undefined;
  } catch (error) {
    // A build empties the folder first.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

const compressBrotli = promisify(brotliCompress);
const compressGzip = promisify(gzip);

function addSettings(html: string, settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(settings).map(([name, value]) => `<meta name="${name}" content="${value}">\n`);
  return html.replace('</head>', `${lines.join('')}</head>`);
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
};

const ASSETS = 'assets/';

function toAssets(files: ReadonlyMap<string, Bytes>): ReadonlyMap<string, WebFile> {
  const paths = [...files].filter(([path]) => path.startsWith(ASSETS) && !/\.(?:br|gz)$/.test(path));
  return new Map(
    paths.map(([path, plain]) => [
      path.slice(ASSETS.length),
      {
        type: TYPES[extname(path)] ?? 'application/octet-stream',
        plain,
        brotli: files.get(`${path}.br`),
        gzipped: files.get(`${path}.gz`),
      },
    ]),
  );
}

/** What the build writes in Apollo's format; the rest of that format matters to nobody here. */
const manifestOfBuild = z.object({ operations: z.array(z.object({ id: z.string(), body: z.string() })) });

function readDocuments(manifest: string): WebApp['documents'] {
  const { operations } = manifestOfBuild.parse(JSON.parse(manifest));
  return {
    byId: new Map(operations.map(({ id, body }) => [id, body])),
    ids: new Map(operations.map(({ id, body }) => [body, id])),
  };
}
