// The process that checks api.video: reads the environment, prints, and stops on signals. It never listens.
import { setTimeout as delay } from 'node:timers/promises';
import { printRow, printSum, TABLE_HEAD } from '../check/print-rows.ts';
import { runChecks } from '../check/run-checks.ts';
import { cleanSetting } from '../config/clean-setting.ts';
import type { Config } from '../config/config.ts';
import { readConfig } from '../config/read-config.ts';
import { STOP_SIGNALS } from './stop-signals.ts';

/** How long the end may wait for the reader of the output. */
const PRINT_MS = 5_000;

/**
 * Prints a row for each check.
 *
 * @returns the exit code: 0 if everything is as assumed, else 1.
 * @throws {Error} with a message for the user, if the configuration is wrong.
 */
export async function check({ write, json }: { write: boolean; json: boolean }): Promise<number> {
  const config = readConfigForCheck(process.env);
  const { apiKey = '', baseUrl } = config;
  for (const line of config.warnings) process.stderr.write(`${line}\n`);
  const stop = new AbortController();
  for (const name of STOP_SIGNALS) {
    // Later signals change nothing: npm forwards one that the process has received already, and ending at once would
    // leave the probe video live.
    process.on(name, () => {
      if (!stop.signal.aborted) process.stderr.write(`${name}: stopping\n`);
      stop.abort();
    });
  }
  // Nobody reads any more, as with "| head": the probe video must not stay live.
  process.stdout.on('error', () => stop.abort());
  if (!json) process.stdout.write(`${baseUrl.host}\n\n${TABLE_HEAD}`);
  const report = await runChecks({
    apiKey,
    config,
    write,
    signal: stop.signal,
    onRow(row) {
      if (!json) process.stdout.write(printRow(row));
    },
  });
  const { host, project, rows } = report;
  const last = json ? `${JSON.stringify({ host, project, rows }, null, 2)}\n` : printSum(report);
  // The process ends after this, with what a pipe has not taken; a reader that takes nothing must not keep it.
  const written = new Promise((resolve) => process.stdout.write(last, resolve));
  await Promise.race([written, delay(PRINT_MS)]);
  return rows.every(({ status }) => status === 'as assumed') ? 0 : 1;
}

/** A gateway with AUTH=passthrough has no key of its own, and refuses one. The check needs one, and nobody calls it. */
function readConfigForCheck(env: NodeJS.ProcessEnv): Config {
  return readConfig(cleanSetting(env.AUTH ?? '') === 'passthrough' ? { ...env, AUTH: '', HOST: '' } : env);
}
