// Checks of the two lists: the forms of their fields, single videos, and pages.
import type { Place } from '../upstream/dialects.ts';
import { type ListQuery, toSearch } from '../upstream/list-query.ts';
import { readVideoPage, ShapeError, type VideoPage } from '../upstream/shapes.ts';
import type { HttpAnswer } from '../upstream/transport.ts';
import { isVideoId } from '../upstream/video-id.ts';
import { readDialect } from './check-dialect.ts';
import { type CheckRun, once, type UpstreamCheck } from './check-run.ts';
import { findPageFaults, findVideoFaults, type ShapeFaults } from './expected-shapes.ts';
import { asAssumed, differs, type Finding, NotCheckedError } from './finding.ts';

export const LARGEST_PAGE = 100;
const FIRST_PAGE = { currentPage: 1, pageSize: LARGEST_PAGE } as const;

/** One page as upstream answers it, whatever its status. */
export async function askForPage(run: CheckRun, place: Place, query: ListQuery): Promise<HttpAnswer> {
  const { listPath, listQuery } = await readDialect(run);
  return run.client.read(`${listPath[place]}?${toSearch(query, listQuery[place])}`);
}

/** The same, parsed. @throws {NotCheckedError} if the gateway could not read it either. */
export async function readPage(run: CheckRun, place: Place, query: ListQuery): Promise<VideoPage> {
  return parsePage(await askForPage(run, place, query));
}

const firstPages = {
  live: once((run: CheckRun) => askForPage(run, 'live', FIRST_PAGE)),
  removed: once((run: CheckRun) => askForPage(run, 'removed', FIRST_PAGE)),
};

/** The first 100 videos of a place. */
export async function readFirstPage(run: CheckRun, place: Place): Promise<VideoPage> {
  return parsePage(await firstPages[place](run));
}

/** The place with more videos on its first page, for checks that need some. */
export async function readFullerPage(run: CheckRun): Promise<VideoPage & { readonly place: Place }> {
  const live = await readFirstPage(run, 'live');
  if (live.videos.length >= 4) return { ...live, place: 'live' };
  const removed = await readFirstPage(run, 'removed');
  return live.videos.length >= removed.videos.length
    ? { ...live, place: 'live' }
    : { ...removed, place: 'removed' };
}

function parsePage(answer: HttpAnswer): VideoPage {
  if (answer.status !== 200) throw new NotCheckedError(`A list was answered with ${answer.status}.`);
  try {
    return readVideoPage(answer.body);
  } catch (error) {
    if (error instanceof ShapeError) throw new NotCheckedError('A list could not be read.');
    throw error;
  }
}

async function checkList(run: CheckRun, place: Place): Promise<Finding> {
  const answer = await firstPages[place](run);
  if (answer.status !== 200) {
    return differs(
      `The list of ${place} videos is answered with ${answer.status}.`,
      'The gateway cannot serve that list: it answers UPSTREAM_UNAVAILABLE.',
    );
  }
  const found = findPageFaults(answer);
  if (found.faults.length > 0) return toShapeFinding(found);
  const { videos, total } = readVideoPage(answer.body);
  const strays = videos.filter((video) => video.removed !== (place === 'removed')).length;
  if (strays > 0) {
    return differs(
      `${strays} of ${videos.length} videos on the list of ${place} videos have the flag of the other list.`,
      "The gateway goes by a video's flag, and leaves such videos out: pages are shorter than totalCount says.",
    );
  }
  return asAssumed(`All fields of ${videos.length} of ${total} videos have the documented forms.`);
}

function toShapeFinding(found: ShapeFaults): Finding {
  return differs(`Fields with another form: ${found.faults.join(', ')}.`, toEffect(found));
}

function toEffect({ isUnreadable, unreadable }: ShapeFaults): string {
  if (isUnreadable)
    return 'The gateway cannot read this answer: calls that need it fail with UPSTREAM_UNAVAILABLE.';
  if (unreadable > 0) {
    return `The gateway leaves out ${unreadable} of the videos, because it cannot read their ids or flags: pages are shorter than totalCount says.`;
  }
  return 'The gateway reads the answer all the same. These fields may be null or odd in its own answers.';
}

async function checkSingleVideos(run: CheckRun): Promise<Finding> {
  const { videoPath } = await readDialect(run);
  const asked: Place[] = [];
  for (const place of ['live', 'removed'] as const) {
    const video = (await readFirstPage(run, place)).videos.find(({ id }) => isVideoId(id));
    if (!video) continue;
    asked.push(place);
    const answer = await run.client.read(videoPath[place](video.id));
    // A video can move between the two reads, in a project that others use.
    if (answer.status === 404)
      throw new NotCheckedError(`A ${place} video of the list was gone a moment later.`);
    if (answer.status !== 200) {
      return differs(
        `A single ${place} video is answered with ${answer.status}.`,
        'The gateway cannot verify deletions: results are OUTCOME_UNKNOWN.',
      );
    }
    const found = findVideoFaults(answer);
    if (found.faults.length > 0) return toShapeFinding(found);
  }
  if (asked.length === 0) throw new NotCheckedError('The project has no videos.');
  return asAssumed(`Read alone, a ${asked.join(' and a ')} video has the documented form.`);
}

type Pages = { readonly first: VideoPage; readonly second: VideoPage; readonly both: VideoPage };

async function checkPages(run: CheckRun): Promise<Finding> {
  const { place, total, videos } = await readFullerPage(run);
  if (videos.length < Math.min(total, LARGEST_PAGE)) {
    return differs(
      `pageSize=${LARGEST_PAGE} brings ${videos.length} of ${total} videos.`,
      'The gateway computes positions from the page size: walks can skip videos.',
    );
  }
  if (total < 2) throw new NotCheckedError('The project has fewer than two videos in one place.');
  const size = total < 4 ? 1 : 2;
  const sort = { sortBy: 'createdAt', sortOrder: 'desc' } as const;
  for (let attempt = 1; ; attempt += 1) {
    const page = (currentPage: number, pageSize: number) =>
      readPage(run, place, { ...sort, currentPage, pageSize });
    const pages = { first: await page(1, size), second: await page(2, size), both: await page(1, 2 * size) };
    const fault = findPageFault(pages, size);
    if (!fault) return asAssumed(`Pages join, and itemsTotal is the same on each.`);
    // Others may have changed the list meanwhile.
    if (attempt === 2) return differs(fault, 'Walks can skip or repeat videos, and totalCount can be wrong.');
  }
}

function findPageFault({ first, second, both }: Pages, size: number): string | undefined {
  if (first.videos.length > size) return `pageSize=${size} brings ${first.videos.length} videos.`;
  if (new Set([first.total, second.total, both.total]).size > 1)
    return 'itemsTotal differs between pages of one list.';
  const joined = [...first.videos, ...second.videos].map(({ id }) => id);
  return joined.join() === both.videos.map(({ id }) => id).join()
    ? undefined
    : 'Two pages, and one page of twice the size, do not show the same videos.';
}

async function checkBeyond(run: CheckRun): Promise<Finding> {
  const { total } = await readFirstPage(run, 'live');
  const currentPage = Math.ceil(total / LARGEST_PAGE) + 2;
  const answer = await askForPage(run, 'live', { currentPage, pageSize: LARGEST_PAGE });
  if (answer.status !== 200) {
    return differs(
      `A page beyond the last one is answered with ${answer.status}, not as an empty page.`,
      'A walk over a list that shrinks meanwhile can fail with UPSTREAM_UNAVAILABLE. Start it again.',
    );
  }
  if (parsePage(answer).videos.length === 0) return asAssumed('A page beyond the last one is empty.');
  return differs('A page beyond the last one shows videos.', 'Walks can repeat videos.');
}

export const LISTS: readonly UpstreamCheck[] = [
  { name: 'live videos', perform: (run) => checkList(run, 'live') },
  { name: 'removed videos', perform: (run) => checkList(run, 'removed') },
  { name: 'single videos', perform: checkSingleVideos },
  { name: 'pages', perform: checkPages },
  { name: 'beyond the last page', perform: checkBeyond },
];
