// Runs the checks one after the other, and hands out a row for each as soon as it is known. Nothing but a fault of the
// check itself ends it early.
import type { Config } from '../config/config.ts';
import { findProxy } from '../config/outgoing-proxies.ts';
import { CheckClient } from './check-client.ts';
import { CREDENTIALS, readProjectId } from './check-credentials.ts';
import { DIALECT } from './check-dialect.ts';
import { HEADERS } from './check-headers.ts';
import { REFUSALS } from './check-refusals.ts';
import type { CheckRun, UpstreamCheck } from './check-run.ts';
import { type CheckRow, type Finding, NotCheckedError } from './finding.ts';
import { LISTS } from './lists.ts';
import { ORDER_AND_FILTERS } from './order-and-filters.ts';
import { WRITE_CHECKS } from './write-checks.ts';

export type CheckOptions = {
  readonly apiKey: string;
  readonly config: Pick<
    Config,
    'baseUrl' | 'proxies' | 'upstreamTimeoutMs' | 'dialect' | 'videoRestore' | 'upstreamLagMs'
  >;
  /** Whether to write to the gateway's probe video. */
  readonly write: boolean;
  readonly signal: AbortSignal;
  readonly onRow: (row: CheckRow) => void;
};

export type Report = {
  readonly host: string;
  /** Undefined if the token names none. */
  readonly project: string | undefined;
  readonly rows: readonly CheckRow[];
  readonly requestId: string;
  readonly sent: { readonly read: number; readonly write: number };
};

export async function runChecks({ apiKey, config, write, signal, onRow }: CheckOptions): Promise<Report> {
  const { baseUrl, proxies, upstreamTimeoutMs: timeoutMs } = config;
  const proxy = findProxy(proxies, baseUrl);
  const client = new CheckClient({ apiKey, baseUrl, proxy, timeoutMs, mayWrite: write, signal });
  const run = { client, config };
  // The writes come before the lists, so that an empty project has the probe video to try the filters with. The headers
  // of all answers come last.
  const checks = [
    ...CREDENTIALS,
    ...DIALECT,
    ...(write ? WRITE_CHECKS : []),
    ...LISTS,
    ...ORDER_AND_FILTERS,
    ...REFUSALS,
    ...HEADERS,
  ];
  const rows: CheckRow[] = [];
  try {
    for (const check of checks) {
      const finding = await runCheck(check, run);
      if (!finding) continue;
      const row = { check: check.name, ...finding };
      rows.push(row);
      onRow(row);
    }
    const { requestId, sent } = client;
    return { host: baseUrl.host, project: await readProjectId(run), rows, requestId, sent };
  } finally {
    await client.close();
  }
}

async function runCheck(check: UpstreamCheck, run: CheckRun): Promise<Finding | undefined> {
  try {
    return await check.perform(run);
  } catch (error) {
    if (!(error instanceof NotCheckedError)) throw error;
    return { status: 'not checked', found: error.message, follows: error.follows };
  }
}
