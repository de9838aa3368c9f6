// The forms of a page and a video as api.video documents them. They are stricter than the gateway's own, which pass over
// what it does not need. Faults are named by their path, never with a value.
import * as z from 'zod';
import { parseJson } from '../upstream/parse-json.ts';
import { type OnOddField, readVideo, readVideoPage, ShapeError } from '../upstream/shapes.ts';
import type { HttpAnswer } from '../upstream/transport.ts';

const ATOM = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
const time = z.string('a text').regex(ATOM, 'a time such as 2024-05-28T11:15:07+00:00');
const text = z.string('a text');
const flag = z.boolean('true or false');

const removal = {
  discarded: flag.optional(),
  discardedAt: time.nullish(),
  removed: flag.optional(),
  removedAt: time.nullish(),
  deletesAt: time.nullish(),
};

const video = z.object(
  {
    videoId: text.regex(/^[A-Za-z0-9]{1,64}$/, '1 to 64 letters and digits'),
    title: text,
    description: text.nullish(),
    tags: z.array(text, 'a list'),
    metadata: z.array(z.object({ key: text, value: text }, 'a key and a value'), 'a list'),
    public: flag,
    panoramic: flag,
    mp4Support: flag,
    language: text.nullish(),
    playerId: text.nullish(),
    createdAt: time,
    publishedAt: time.nullish(),
    updatedAt: time,
    ...removal,
    assets: z
      .object(
        {
          hls: text.nullish(),
          iframe: text.nullish(),
          player: text.nullish(),
          thumbnail: text.nullish(),
          mp4: text.nullish(),
        },
        'an object',
      )
      .nullish(),
  },
  'an object',
);

const count = z.int('a whole number').min(0, 'no negative number');
const page = z.object(
  {
    data: z.array(video, 'a list'),
    pagination: z.object(
      { currentPage: count, pageSize: count, pagesTotal: count, itemsTotal: count, currentPageItems: count },
      'an object',
    ),
  },
  'an object',
);

/** Few enough to read. */
const MOST_FAULTS = 6;

export type ShapeFaults = {
  /** Such as "data[].tags (not a list)", each once. */
  readonly faults: readonly string[];
  /** Whether the gateway itself cannot read the answer. */
  readonly isUnreadable: boolean;
  /** How many videos of a page it cannot read. */
  readonly unreadable: number;
};

export function findPageFaults(answer: HttpAnswer): ShapeFaults {
  return findFaults(answer, page, (onOddField) => readVideoPage(answer.body, onOddField).unreadable ?? 0);
}

export function findVideoFaults(answer: HttpAnswer): ShapeFaults {
  return findFaults(answer, video, (onOddField) => {
    readVideo(answer.body, onOddField);
    return 0;
  });
}

function findFaults(
  answer: HttpAnswer,
  shape: z.ZodType,
  readAsGateway: (onOddField: OnOddField) => number,
): ShapeFaults {
  const parsed = shape.safeParse(parseJson(answer.body));
  const faults = new Set((parsed.error?.issues ?? []).map(toFault));
  let isUnreadable = false;
  let unreadable = 0;
  const odd = new Set<string>();
  try {
    unreadable = readAsGateway((_videoId, field) => odd.add(field));
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    isUnreadable = true;
    odd.add(error.message);
  }
  // A time can have the right form and still be no time.
  if (faults.size === 0) for (const field of odd) faults.add(field);
  const named = [...faults].slice(0, MOST_FAULTS);
  if (faults.size > MOST_FAULTS) named.push(`${faults.size - MOST_FAULTS} more`);
  return { faults: named, isUnreadable, unreadable };
}

function toFault({ path, message }: z.core.$ZodIssue): string {
  const name = path.map((part) => (typeof part === 'number' ? '[]' : `.${String(part)}`)).join('');
  return `${name.replace(/^\./, '') || 'the body'} (not ${message})`;
}
