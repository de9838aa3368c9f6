// Checks of the sort orders, and of what the filters match. Titles and tags of the user's videos go to api.video only.
import type { Place } from '../upstream/dialects.ts';
import type { ListQuery, VideoFilter } from '../upstream/list-query.ts';
import type { Video } from '../upstream/shapes.ts';
import { type CheckRun, MADE_UP, once, type UpstreamCheck } from './check-run.ts';
import { asAssumed, differs, type Finding, NotCheckedError } from './finding.ts';
import { LARGEST_PAGE, readFirstPage, readFullerPage, readPage } from './lists.ts';

type SortBy = NonNullable<ListQuery['sortBy']>;

const TIMES = ['createdAt', 'publishedAt', 'updatedAt'] as const;
const ORDERS = {
  createdAt: 'CREATED_AT',
  publishedAt: 'PUBLISHED_AT',
  updatedAt: 'UPDATED_AT',
  title: 'TITLE',
};

async function checkOrder(run: CheckRun): Promise<Finding> {
  const { place, videos } = await readFullerPage(run);
  if (videos.length < 2) throw new NotCheckedError('The project has fewer than two videos in one place.');
  const wrong: SortBy[] = [];
  for (const sortBy of [...TIMES, 'title'] as const) {
    const sorted = (sortOrder: 'asc' | 'desc') =>
      readPage(run, place, { sortBy, sortOrder, currentPage: 1, pageSize: LARGEST_PAGE });
    const [up, down] = [await sorted('asc'), await sorted('desc')];
    const isSorted =
      sortBy === 'title'
        ? areOpposite(up.videos, down.videos, up.total)
        : rises(up.videos, sortBy) && rises(down.videos.toReversed(), sortBy);
    if (!isSorted) wrong.push(sortBy);
  }
  if (wrong.length === 0) return asAssumed('Lists are sorted by title and by each time, in both directions.');
  return differs(
    `Lists are not sorted by ${wrong.join(', ')}.`,
    `Walks with orderBy ${wrong.map((name) => ORDERS[name]).join(', ')} can skip or repeat videos. Use another order.`,
  );
}

function rises(videos: readonly Video[], field: (typeof TIMES)[number]): boolean {
  const times = videos.flatMap((video) => (video[field] === null ? [] : [Date.parse(video[field])]));
  return times.every((time, index) => index === 0 || time >= (times[index - 1] ?? time));
}

/** Upstream's order of titles is unknown, so only its direction can be checked. */
function areOpposite(up: readonly Video[], down: readonly Video[], total: number): boolean {
  const [rising = [], falling = []] = [up, down].map((videos) => videos.map(({ title }) => fold(title)));
  if (new Set(rising).size < 2) return true;
  if (total > LARGEST_PAGE) return rising[0] !== falling[0];
  return rising.join('\n') === falling.toReversed().join('\n');
}

/** Equal for titles that a collation may take for equal: without accents, case and punctuation. */
function fold(title: string | null): string {
  return (title ?? '')
    .normalize('NFKD')
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}

type Sample = { readonly place: Place; readonly video: Video };

/** The first video, live ones first, with which a filter can be tried. */
async function findSample(run: CheckRun, isFit: (video: Video) => boolean): Promise<Sample | undefined> {
  for (const place of ['live', 'removed'] as const) {
    const video = (await readFirstPage(run, place)).videos.find(isFit);
    if (video) return { place, video };
  }
  return undefined;
}

const WORD = /[A-Za-z]{4,}/;

/** Part of a word, so that a search for whole words does not find it. */
function toPart(title: string | null): string {
  return (WORD.exec(title ?? '')?.[0] ?? '').slice(1, -1);
}

const readTitleSample = once(async (run: CheckRun) => {
  const sample = await findSample(run, ({ title }) => WORD.test(title ?? ''));
  if (!sample) throw new NotCheckedError('No video has a title with a word of four letters.');
  return sample;
});

async function search(run: CheckRun, { place, video }: Sample, filter: VideoFilter) {
  const { videos } = await readPage(run, place, { filter, currentPage: 1, pageSize: LARGEST_PAGE });
  return { videos, isFound: videos.some(({ id }) => id === video.id) };
}

async function checkTitle(run: CheckRun): Promise<Finding> {
  const sample = await readTitleSample(run);
  const title = sample.video.title ?? '';
  const part = toPart(title);
  const { videos, isFound } = await search(run, sample, { title: part });
  const strays = videos.filter((video) => !fold(video.title).includes(fold(part))).length;
  const others = await search(run, sample, { title: MADE_UP });
  if (strays + others.videos.length > 0) {
    return differs(
      'The title filter also brings videos whose titles do not contain the term.',
      'Pages with this filter show more videos than users expect.',
    );
  }
  if (isFound) return asAssumed('The title filter matches parts of titles.');
  const [word = title] = WORD.exec(title) ?? [];
  const matchesWord = (await search(run, sample, { title: word })).isFound;
  const matchesTitle = matchesWord || (await search(run, sample, { title })).isFound;
  const matched = matchesWord
    ? 'whole words only'
    : matchesTitle
      ? 'whole titles only'
      : 'not even whole titles';
  return differs(
    `The title filter matches ${matched}.`,
    'Users find fewer videos than "part of the title" promises.',
  );
}

async function checkCase(run: CheckRun): Promise<Finding> {
  const sample = await readTitleSample(run);
  const title = sample.video.title ?? '';
  const opposite = [...title]
    .map((letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()))
    .join('');
  if ((await search(run, sample, { title: opposite })).isFound)
    return asAssumed('The title filter ignores upper and lower case.');
  if (!(await search(run, sample, { title })).isFound)
    throw new NotCheckedError('The title filter does not find a video by its own title.');
  return differs(
    'The title filter distinguishes upper and lower case.',
    "Searches must use the title's own case.",
  );
}

async function checkTags(run: CheckRun): Promise<Finding> {
  const sample =
    (await findSample(run, ({ tags }) => tags.length > 1)) ??
    (await findSample(run, ({ tags }) => tags.length > 0));
  if (!sample) throw new NotCheckedError('No video has a tag.');
  const tags = sample.video.tags.slice(0, 2);
  const all = await search(run, sample, { tags });
  if (!all.isFound) {
    return differs(
      'The tags filter does not find a video by its own tags.',
      'The gateway does not find its probe video again, and creates another one each time it probes.',
    );
  }
  const none = await search(run, sample, { tags: [...tags, MADE_UP] });
  if (none.videos.length === 0) return asAssumed('The tags filter matches videos that have all of the tags.');
  return differs(
    'The tags filter also matches videos that do not have all of the tags.',
    'Pages with this filter show more videos than users expect.',
  );
}

export const ORDER_AND_FILTERS: readonly UpstreamCheck[] = [
  { name: 'sort orders', perform: checkOrder },
  { name: 'title filter', perform: checkTitle },
  { name: 'title filter, case', perform: checkCase },
  { name: 'tags filter', perform: checkTags },
];
