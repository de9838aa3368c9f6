// Reads the settings that are given as texts: cleaned, and secrets from their files. It does not check their values, except
// for what cannot be seen in them.
import { cleanSetting, describeInvisible, describeSurroundings, quoteSetting } from './clean-setting.ts';
import { readSecretFile } from './read-secret-file.ts';

/** The settings that are set, by name. */
export type Given = Readonly<Record<string, string | undefined>>;

/**
 * What is wrong with a setting. `text` also says where its value comes from; `of` is the setting, so that it has no second
 * fault.
 */
type GivenFault = { readonly of: string; readonly text: string };

/** Tokens are signed with exactly this text, so nothing may be taken away from it. */
const EXACT = new Set(['JWT_SECRET']);

/** Comma-separated. Each item is cleaned, so that a list may have lines, or quotes around its items. */
const LISTS = new Set([
  'ALLOWED_HOSTS',
  'TRUSTED_PROXIES',
  'CORS_ORIGINS',
  'JWT_AUDIENCE',
  'JWT_CLIENT_IDS',
  'JWT_SCOPE_CLAIMS',
]);

const MAX_SHOWN = 80;

export class GivenSettings {
  readonly values: Given;
  readonly faults: readonly GivenFault[];
  readonly #secrets: readonly string[];

  /**
   * @param env - environment variables. One that is empty after cleaning counts as not set.
   * @param names - of the settings. Each with another that has `_FILE` behind its name is a secret. Variables that are no
   *   settings are kept as they are.
   */
  constructor(env: NodeJS.ProcessEnv, names: readonly string[]) {
    const values: Record<string, string | undefined> = {};
    for (const [name, value = ''] of Object.entries(env)) {
      if (cleanSetting(value) === '') continue;
      values[name] = names.includes(name) ? clean(name, value) : value;
    }
    const faults = findNameFaults(Object.keys(values), names);
    this.#secrets = names.filter((name) => names.includes(`${name}_FILE`));
    for (const name of this.#secrets) {
      const path = values[`${name}_FILE`];
      if (path === undefined) continue;
      try {
        if (values[name] !== undefined) throw new Error(`either this or ${name}, and both are set`);
        const content = readSecretFile(path);
        values[name] = clean(name, content);
      } catch (error) {
        const expected = error instanceof Error ? error.message : String(error);
        faults.push({ of: name, text: `${name}_FILE: expected ${expected}` });
      }
    }
    this.values = values;
    for (const name of names) {
      const value = values[name];
      if (value === undefined || faults.some(({ of }) => of === name)) continue;
      const got = EXACT.has(name) ? describeSurroundings(value) : describeInvisible(value);
      const fault = got === undefined ? this.#findAssignment(name, value) : `${toExpected(name)}${got}`;
      if (fault !== undefined) faults.push({ of: name, text: `${this.label(name)}: ${fault}` });
    }
    this.faults = faults;
  }

  /** A secret with its name before it is a line of an env file, pasted whole. */
  #findAssignment(name: string, value: string): string | undefined {
    if (!this.#secrets.includes(name)) return undefined;
    const [, before] = /^(?:export +)?(\w+) *=/.exec(value) ?? [];
    return before === name ? `expected the value alone, and got one that begins with ${name}=` : undefined;
  }

  /** Whether it is set, or a file is named for it, rightly or not. */
  has(name: string): boolean {
    return this.values[this.source(name)] !== undefined || this.faults.some(({ of }) => of === name);
  }

  /** The variable that sets it: `_FILE` if its value comes from a file. */
  source(name: string): string {
    const fromFile = this.#secrets.includes(name) && this.values[`${name}_FILE`] !== undefined;
    return fromFile ? `${name}_FILE` : name;
  }

  /** The setting in messages. */
  label(name: string): string {
    const source = this.source(name);
    return source === name ? name : `${name} (from ${source})`;
  }

  /** The value in messages, without secrets: a URL may have a password, or a key in its query. */
  shown(name: string): string {
    const value = this.values[name] ?? '';
    if (this.#secrets.includes(name) || value.includes('@')) return 'something else';
    const isUrl = /_(?:URL|ENDPOINT|ORIGINS)$/.test(name);
    return quoteSetting((isUrl ? value.replace(/(?<=[?#]).+$/s, '…') : value).slice(0, MAX_SHOWN));
  }
}

function clean(name: string, value: string): string {
  if (EXACT.has(name)) return value;
  const cleaned = cleanSetting(value);
  return LISTS.has(name) ? cleaned.split(',').map(cleanSetting).join(',') : cleaned;
}

/**
 * Finds names with something around them, as the first line of an env file has that begins with a byte order mark: the
 * setting would be left out silently.
 *
 * @param given - the names of the variables that are set.
 */
export function findNameFaults(given: readonly string[], names: readonly string[]): GivenFault[] {
  return given.flatMap((name) => {
    const meant = cleanSetting(name);
    if (meant === name || !names.includes(meant)) return [];
    const got = describeSurroundings(name);
    return [
      { of: meant, text: `${meant}: expected a variable of exactly this name, and got one with ${got}` },
    ];
  });
}

function toExpected(name: string): string {
  return EXACT.has(name)
    ? 'expected a secret without blanks or quotes around it, and without invisible characters, and got '
    : 'expected a value without invisible characters, and got ';
}
