// Answers GET of a list: reads the query, filters, sorts, cuts out the page and renders the pagination.
import { type Answer, type Complaint, invalidQuery, outOfRange, refuse } from './problems.ts';
import { renderVideo } from './render-video.ts';
import type { Dialect, SandboxVideo } from './types.ts';
import { SORT_KEYS, type SortKey, type SortOrder, type VideoStore } from './video-store.ts';

export type ListCall = {
  readonly store: VideoStore;
  readonly state: 'live' | 'removed';
  readonly query: URLSearchParams;
  readonly dialect: Dialect;
  /** The sandbox's own origin, and the path of the list there, for the links. */
  readonly origin: string;
  readonly path: string;
};

type Filter = (video: SandboxVideo) => boolean;

export function listVideos({ store, state, query, dialect, origin, path }: ListCall): Answer {
  const { page, size, sortBy, sortOrder, complaints } = readPaging(query);
  const [first, ...others] = complaints;
  if (first) return refuse(first, ...others);

  const filters = readFilters(query);
  const sorted = store.list(state, sortBy, sortOrder);
  const found =
    filters.length === 0 ? sorted : sorted.filter((video) => filters.every((matches) => matches(video)));
  const data = found
    .slice((page - 1) * size, page * size)
    .map((video) => renderVideo(video, dialect, origin));
  const pagesTotal = Math.max(1, Math.ceil(found.length / size));
  const pagination = {
    currentPage: page,
    pageSize: size,
    pagesTotal,
    itemsTotal: found.length,
    currentPageItems: data.length,
    links: renderLinks(origin + path, query, page, pagesTotal),
  };
  return { status: 200, json: { data, pagination } };
}

function readPaging(query: URLSearchParams) {
  const complaints: Complaint[] = [];
  const readInteger = (
    name: string,
    missing: number,
    range: { min: number; max?: number },
    calledName = name,
  ) => {
    const text = query.get(name) ?? String(missing);
    const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    const fits = value >= range.min && value <= (range.max ?? value);
    if (!fits) complaints.push(outOfRange(calledName, range));
    return value;
  };
  const readChoice = <T extends string>(name: string, missing: T, choices: readonly T[]): T => {
    const text = query.get(name) ?? missing;
    const choice = choices.find((each) => each === text);
    if (!choice) complaints.push(invalidQuery(name, `Value must be one of ${choices.join(', ')}.`));
    return choice ?? missing;
  };
  return {
    // In its complaint, upstream calls currentPage "page".
    page: readInteger('currentPage', 1, { min: 1 }, 'page'),
    size: readInteger('pageSize', 25, { min: 1, max: 100 }),
    sortBy: readChoice<SortKey>('sortBy', 'createdAt', SORT_KEYS),
    sortOrder: readChoice<SortOrder>('sortOrder', 'desc', ['asc', 'desc']),
    complaints,
  };
}

/** As servers parse a query: a name given twice has its last value, and a key ends at its first closing bracket. */
function readFilters(query: URLSearchParams): Filter[] {
  const filters = new Map<string, Filter>();
  for (const [name, value] of query) {
    const needle = value.toLowerCase();
    const key = /^metadata\[([^\]]+)\]/.exec(name)?.[1];
    if (name === 'title') filters.set(name, (video) => video.title.toLowerCase().includes(needle));
    if (name === 'description')
      filters.set(name, (video) => video.description.toLowerCase().includes(needle));
    if (name === 'liveStreamId' && value !== '') filters.set(name, (video) => video.liveStreamId === value);
    if (/^tags\[\d*\]$/.test(name)) filters.set(`tag ${value}`, (video) => video.tags.includes(value));
    if (key !== undefined) {
      filters.set(`metadata ${key}`, (video) =>
        video.metadata.some((entry) => entry.key === key && entry.value === value),
      );
    }
  }
  return [...filters.values()];
}

function renderLinks(address: string, query: URLSearchParams, page: number, pagesTotal: number) {
  const link = (rel: string, target: number) => {
    const params = new URLSearchParams(query);
    params.set('currentPage', String(target));
    return { rel, uri: `${address}?${params}` };
  };
  return [
    link('self', page),
    link('first', 1),
    ...(page > 1 ? [link('previous', page - 1)] : []),
    ...(page < pagesTotal ? [link('next', page + 1)] : []),
    link('last', pagesTotal),
  ];
}
