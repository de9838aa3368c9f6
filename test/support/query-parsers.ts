// How servers of other makes read the query of a list. Each is written from its parser's documented behaviour, as far as it
// concerns `metadata[key]` and `tags[]`, and shares no code with the gateway or the sandbox.

/** What the server then filters by. Conditions that it dropped are missing. */
export type ReadFilter = {
  readonly texts: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly metadata: readonly (readonly [string, string])[];
};

export type ReadQuery = (query: string) => ReadFilter;

const TEXTS = ['title', 'description', 'liveStreamId'];

function pairsOf(query: string): [string, string][] {
  return query.split('&').map((part) => {
    const [name = '', ...value] = part.split('=');
    const decode = (text: string) => decodeURIComponent(text.replaceAll('+', ' '));
    return [decode(name), decode(value.join('='))];
  });
}

/** PHP: a key ends at its first closing bracket, one blank is none, numbers are positions; at most 1,000 variables. */
export const readAsPhp: ReadQuery = (query) => {
  const texts: Record<string, string> = {};
  const tags: string[] = [];
  const metadata = new Map<string, string>();
  let next = 0;
  for (const [name, value] of pairsOf(query).slice(0, 1_000)) {
    const cut = name.split('\0', 1)[0] ?? '';
    const [, base = '', index] = /^([^[]*)(?:\[([^\]]*)\])?/.exec(cut) ?? [];
    if (index === undefined && TEXTS.includes(base) && value !== '') texts[base] = value;
    if (base === 'tags' && index !== undefined) tags.push(value);
    if (base === 'metadata' && index !== undefined) {
      const key = index === '' || index === ' ' ? String(next++) : index;
      metadata.set(/^(?:0|[1-9]\d*)$/.test(key) ? `position ${key}` : key, value);
    }
  }
  return { texts, tags, metadata: [...metadata] };
};

/** qs of Node.js: small numbers are positions, names of Object.prototype are dropped, a key given twice is a list. */
export const readAsQs: ReadQuery = (query) => {
  const texts: Record<string, string> = {};
  const tags: string[] = [];
  const metadata = new Map<string, string>();
  for (const [name, value] of pairsOf(query).slice(0, 1_000)) {
    const [, base = '', inner = ''] = /^([^[]*)((?:\[[^[\]]*\])*)/.exec(name) ?? [];
    const keys = [...inner.matchAll(/\[([^[\]]*)\]/g)].map(([, key = '']) => key);
    if (name === base && TEXTS.includes(base)) texts[base] = value;
    if (base === 'tags' && keys.length === 1) tags.push(value);
    const [key] = keys;
    if (base !== 'metadata' || key === undefined || keys.length > 1 || key in Object.prototype) continue;
    const isPosition = /^(?:0|[1-9]\d*)$/.test(key) && Number(key) <= 20;
    metadata.set(
      isPosition || key === '' ? `position ${key}` : key,
      [metadata.get(key), value].filter(Boolean).join(),
    );
  }
  return { texts, tags: tags.length > 20 ? [] : tags, metadata: [...metadata] };
};

/** A framework that trims every value, and drops what is empty then, as Laravel does. */
export const readTrimmed: ReadQuery = (query) => {
  const { texts, tags, metadata } = readAsPhp(query);
  const trim = (text: string) =>
    text.replace(/^[\s\0\u200b-\u200e\u2800\u3164]+|[\s\0\u200b-\u200e\u2800\u3164]+$/gu, '');
  return {
    texts: Object.fromEntries(
      Object.entries(texts)
        .map(([name, text]) => [name, trim(text)] as const)
        .filter(([, text]) => text),
    ),
    tags: tags.map(trim).filter(Boolean),
    metadata: metadata.map(([key, value]) => [key, trim(value)] as const).filter(([, value]) => value),
  };
};
