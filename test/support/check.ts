// Runs the check against an upstream, in this process, and shows the rows that are not as assumed.
import { runChecks } from '../../src/check/run-checks.ts';
import { readConfig } from '../../src/config/read-config.ts';

export const CHECK_KEY = 'sandbox-key';

export type CheckSettings = {
  readonly write?: boolean;
  readonly env?: Record<string, string>;
  readonly signal?: AbortSignal;
  readonly onRow?: (name: string) => void;
};

export async function check(url: string, { write = false, env = {}, signal, onRow }: CheckSettings = {}) {
  const config = readConfig({ APIVIDEO_API_KEY: CHECK_KEY, APIVIDEO_BASE_URL: url, ...env });
  const report = await runChecks({
    apiKey: config.apiKey ?? '',
    config,
    write,
    signal: signal ?? new AbortController().signal,
    onRow: (row) => onRow?.(row.check),
  });
  const { rows } = report;
  const odd = rows.filter(({ status }) => status !== 'as assumed');
  return {
    ...report,
    /** The status of each row that is not as assumed, by its name. */
    odd: Object.fromEntries(odd.map(({ check: name, status }) => [name, status])),
    /** What a row says, on one line. */
    text(name: string): string {
      const row = rows.find(({ check: each }) => each === name);
      if (!row) throw new Error(`the check has no row ${name}`);
      return `${row.found} ${row.follows}`.trim();
    },
  };
}
