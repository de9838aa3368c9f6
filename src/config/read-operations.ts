// Reads where durable operations are kept, and how many there may be. It opens nothing: `operations/open-storage.ts` does.
import { resolve } from 'node:path';
import * as z from 'zod';
import type { Config } from './config.ts';
import type { GivenSettings } from './read-given.ts';
import { wholeNumber } from './whole-number.ts';

/** The settings, as parts of the environment's shape. The default of DATA_DIR is the caller's. */
export const operationVariables = {
  DATA_DIR: z.string().optional(),
  DATABASE_URL: z
    .string()
    .refine(
      isPostgresUrl,
      'a URL such as postgres://user:password@db.example.com:5432/videos, with other characters than letters and digits of the password percent-encoded',
    )
    .optional(),
  DATABASE_URL_FILE: z.string().optional(),
  SECRET_KEY: z
    .string()
    .min(32, 'a secret of at least 32 characters, such as "openssl rand -base64 32" prints')
    .optional(),
  SECRET_KEY_FILE: z.string().optional(),
  MAX_BACKGROUND_IDS: wholeNumber(1, 100_000).default(100_000),
  MAX_OPEN_OPERATIONS: wholeNumber(1, 10_000).default(100),
};

const variables = z.object(operationVariables);

/** @param sandbox - whether the embedded sandbox is served. */
export function findOperationFaults(given: GivenSettings, sandbox: boolean): string[] {
  const isShared = given.has('DATABASE_URL') && !sandbox;
  if (!isShared || given.values.AUTH !== 'passthrough' || given.has('SECRET_KEY')) return [];
  return [
    'SECRET_KEY: expected a secret with DATABASE_URL and AUTH=passthrough, because each gateway must be able to decrypt the credentials of callers, and it is not set; make one with "openssl rand -base64 32", and give it to every gateway of the database',
  ];
}

/**
 * @param data - settings without faults.
 * @param options - `dataDir`: the folder if neither DATA_DIR nor DATABASE_URL is set; without it, none are kept.
 */
export function toOperations(
  data: z.infer<typeof variables>,
  options: { readonly sandbox: boolean; readonly dataDir: string | undefined },
): { readonly operations: Config['operations']; readonly warnings: readonly string[] } {
  const idle = options.sandbox
    ? (['DATA_DIR', 'DATABASE_URL'] as const).filter((name) => data[name] !== undefined)
    : [];
  return {
    operations: Object.freeze({
      store: Object.freeze(toStore(data, options)),
      secretKey: data.SECRET_KEY,
      maxBackgroundIds: data.MAX_BACKGROUND_IDS,
      maxOpenOperations: data.MAX_OPEN_OPERATIONS,
    }),
    warnings: idle.map(
      (name) =>
        `${name} has no effect with the embedded sandbox: its videos end with the process, so its operations do too`,
    ),
  };
}

function toStore(
  { DATA_DIR, DATABASE_URL: url }: z.infer<typeof variables>,
  { sandbox, dataDir }: { readonly sandbox: boolean; readonly dataDir: string | undefined },
): Config['operations']['store'] {
  if (sandbox) return { kind: 'memory' };
  // The image sets DATA_DIR, so beside DATABASE_URL it is no fault.
  if (url !== undefined) return { kind: 'postgres', url };
  const path = DATA_DIR ?? dataDir;
  return path === undefined ? { kind: 'none' } : { kind: 'folder', path: resolve(path) };
}

/** Without a host, the driver would take one from variables of its own. */
function isPostgresUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, searchParams } = new URL(text);
  return /^postgres(?:ql)?:$/.test(protocol) && (hostname !== '' || Boolean(searchParams.get('host')));
}
