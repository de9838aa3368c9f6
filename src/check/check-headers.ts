// Checks of what every answer carries: the rate limit, the date, type and encoding of the body. They look at all answers
// of the run, so they come last.
import { TOLERANCE_MS } from '../removal/removal-date.ts';
import { LONGEST_WINDOW_SECONDS } from '../upstream/limit-reports.ts';
import { toText } from '../upstream/transport.ts';
import type { SeenAnswer } from './check-client.ts';
import type { CheckRun, UpstreamCheck } from './check-run.ts';
import { asAssumed, differs, type Finding, NotCheckedError } from './finding.ts';

const LIMIT_HEADERS = ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Retry-After'] as const;
const OTHER_HEADERS = [
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  'RateLimit-Limit',
  'RateLimit-Remaining',
];

/** Answers that count against a limit: not those of /auth/, nor those that upstream gives before it counts. */
function readCounted({ client }: CheckRun): readonly SeenAnswer[] {
  const counted = client.seen.filter(
    ({ kind, answer: { status } }) => kind !== 'auth' && status !== 401 && status < 500,
  );
  if (counted.length === 0) throw new NotCheckedError('There was no answer to look at.');
  return counted;
}

type Form = 'missing' | 'doubled' | 'with decimals' | 'negative' | 'no number' | 'a whole number';

function toForm(value: string | string[] | undefined): Form {
  if (value === undefined) return 'missing';
  const text = String(value).trim();
  if (Array.isArray(value) || /^[\d.-]+\s*(?:,\s*[\d.-]+)+$/.test(text)) return 'doubled';
  if (/^\d{1,15}$/.test(text)) return 'a whole number';
  if (/^-\d+$/.test(text)) return 'negative';
  return /^-?\d*\.\d+$/.test(text) ? 'with decimals' : 'no number';
}

async function checkLimitHeaders(run: CheckRun): Promise<Finding> {
  const counted = readCounted(run);
  const faults = LIMIT_HEADERS.flatMap((name) => {
    const forms = counted.map(({ answer }) => toForm(answer.headers[name.toLowerCase()]));
    const wrong = [...new Set(forms.filter((form) => form !== 'a whole number'))];
    return wrong.map((form) => {
      const times = forms.filter((each) => each === form).length;
      return `${name} is ${form} on ${times} of ${forms.length} answers`;
    });
  });
  if (faults.length > 0) {
    return differs(
      `${faults.join('; ')}.`,
      'The gateway reads what it can, and goes by the rest. If too little is left, it learns the limit from a 429 and sends slowly after one, and fields of upstreamBudget are null.',
    );
  }
  return checkLimitValues(counted);
}

function checkLimitValues(counted: readonly SeenAnswer[]): Finding {
  const read = ({ answer }: SeenAnswer, name: string) => Number(answer.headers[name.toLowerCase()]);
  const [limitName, remainingName, resetName] = LIMIT_HEADERS;
  const longest = Math.max(...counted.map((seen) => read(seen, resetName)));
  if (longest > LONGEST_WINDOW_SECONDS) {
    return differs(
      `${resetName} is up to ${longest} s, so the window is longer than a minute.`,
      'The gateway waits a minute at most, then tries again: large batches get some 429s, and wait in turn.',
    );
  }
  if (counted.some((seen) => read(seen, remainingName) > read(seen, limitName))) {
    return differs(
      `${remainingName} is sometimes more than ${limitName}.`,
      'The gateway may send too fast, and get 429s.',
    );
  }
  const limits = (['read', 'write'] as const).flatMap((kind) => {
    const latest = counted.findLast((seen) => seen.kind === kind);
    return latest ? [`${read(latest, limitName)} ${kind}s`] : [];
  });
  return asAssumed(`All three headers are whole numbers. The limit is ${limits.join(' and ')} a minute.`);
}

async function checkOtherHeaders(run: CheckRun): Promise<Finding> {
  const counted = readCounted(run);
  const present = OTHER_HEADERS.filter((name) =>
    counted.some(({ answer }) => answer.headers[name.toLowerCase()] !== undefined),
  );
  if (present.length === 0) return asAssumed('There is no Retry-After and no RateLimit header.');
  return differs(
    `Answers also carry ${present.join(', ')}.`,
    'The gateway prefers X-RateLimit-…, and reads the others only for what those lack. With a 429, it also obeys Retry-After.',
  );
}

async function checkClock({ client }: CheckRun): Promise<Finding> {
  const offsets = client.seen.flatMap(({ answer, at }) => {
    const date = Date.parse(toText(answer.headers.date));
    // Upstream leaves out the fraction of the second: on average, half a second.
    return Number.isNaN(date) ? [] : [date + 500 - at];
  });
  if (client.seen.length === 0) throw new NotCheckedError('There was no answer to look at.');
  if (offsets.length < client.seen.length) {
    return differs(
      `${client.seen.length - offsets.length} of ${client.seen.length} answers have no valid Date.`,
      "The gateway then dates deletions by this machine's clock: keep it within a second of api.video's.",
    );
  }
  const sorted = offsets.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  if (Math.abs(median) <= TOLERANCE_MS) return asAssumed("api.video's clock and this machine's agree.");
  return differs(
    `api.video's clock is ${Math.round(Math.abs(median) / 1000)} s ${median > 0 ? 'ahead of' : 'behind'} this machine's.`,
    "Results stay right, because the gateway dates deletions by api.video's clock. Set this machine's clock, so that its log can be compared.",
  );
}

async function checkContent({ client }: CheckRun): Promise<Finding> {
  const full = client.seen.filter(({ answer }) => answer.status < 300 && answer.body.length > 0);
  if (full.length === 0) throw new NotCheckedError('There was no answer to look at.');
  const types = new Set(
    full.map(({ answer }) => toText(answer.headers['content-type']).split(';', 1)[0]?.trim() || 'no type'),
  );
  const encodings = new Set(
    full.map(({ answer }) => toText(answer.headers['content-encoding']) || 'identity'),
  );
  const other = [...types].filter((type) => !/^application\/(?:[\w.-]+\+)?json$/i.test(type));
  const found = `${[...types].join(', ')} (${[...encodings].join(', ')})`;
  if (other.length === 0) return asAssumed(`Bodies are ${found}.`);
  return differs(
    `Bodies are ${found}.`,
    'The gateway parses JSON whatever its type is called. A proxy in between may have changed the answers.',
  );
}

export const HEADERS: readonly UpstreamCheck[] = [
  { name: 'limit headers', perform: checkLimitHeaders },
  { name: 'other limit headers', perform: checkOtherHeaders },
  { name: 'clock', perform: checkClock },
  { name: 'content', perform: checkContent },
];
