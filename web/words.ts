// Every sentence that the app shows, with words-of-acts.ts; only index.html has two of its own. Another language is two other files
// of this shape, and another LOCALE.
export const LOCALE = 'en-US';

const numbers = new Intl.NumberFormat(LOCALE);
const days = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium' });
const daysAndTimes = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' });
const times = new Intl.DateTimeFormat(LOCALE, { timeStyle: 'medium' });
const DAY_MS = 86_400_000;

export const APP = 'Video gateway';
export const count = (n: number) => numbers.format(n);
export const videos = (n: number) => (n === 1 ? '1 video' : `${count(n)} videos`);
export const them = (n: number) => (n === 1 ? 'it' : 'them');
export const onDay = (time: string | null | undefined) => (time ? days.format(new Date(time)) : '');
export const onDayAt = (time: string | null | undefined) => (time ? daysAndTimes.format(new Date(time)) : '');
export const momentOf = (ms: number) => times.format(new Date(ms));

export type Act = 'delete' | 'restore';

const VERBS = {
  delete: { name: 'Delete', going: 'Deleting', done: 'deleted' },
  restore: { name: 'Restore', going: 'Restoring', done: 'restored' },
} as const;
export const verb = (act: Act) => VERBS[act];

/** How long a removed video is kept, rounded down: nobody is promised a day that is not there. */
export function daysLeft(
  deletesAt: string | null,
  now: number,
): { readonly text: string; readonly isSoon: boolean } {
  if (!deletesAt) return { text: '', isSoon: false };
  const left = Math.floor((Date.parse(deletesAt) - now) / DAY_MS);
  const isSoon = left < 7;
  if (left < 0) return { text: 'Being destroyed', isSoon };
  if (left === 0) return { text: 'Less than a day left', isSoon };
  return { text: left === 1 ? '1 day left' : `${left} days left`, isSoon };
}

/** As people say it: "41 s", "3 min", "2 h 5 min". */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.ceil(seconds))} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export const moved = (n: number) => `${videos(n)} moved to Removed`;
export const restored = (n: number) =>
  n === 1 ? '1 video is back in Videos' : `${videos(n)} are back in Videos`;
export const wereDestroyed = (n: number) => `${videos(n)} deleted permanently`;
export const notDone = (act: Act, n: number) => `${videos(n)} could not be ${verb(act).done}`;

export const head = { lists: 'Lists', api: 'API' } as const;

export const lists = {
  videos: {
    heading: 'Videos',
    empty: {
      title: 'No videos yet',
      text: 'Videos that are uploaded to api.video appear here. Deleted ones are in Removed.',
    },
  },
  removed: {
    heading: 'Removed',
    empty: {
      title: 'Nothing is removed',
      text: 'Deleted videos stay here for 90 days, and can be restored until then.',
    },
    hint: 'Removed videos cannot be played. api.video destroys each after 90 days; until then it can be restored.',
  },
  noMatch: { title: 'No video matches', text: 'A part of a title is enough; a tag must be whole.' },
  unread: 'The list could not be read',
  vague: 'api.video may take a zero or a wildcard alone for no condition at all. Type more of the title.',
  stuck: 'The gateway sent no next page. Load the page again.',
  unlisted: (n: number) => `The gateway counts ${videos(n)} here, but returned none.`,
  tryAgain: 'Try again',
  showAll: 'Show all',
  reading: 'Reading the list',
  readingMore: 'Reading more…',
} as const;

export const filters = { title: 'Search titles', tag: 'Tag', order: 'Order' } as const;

export const row = {
  actions: (name: string) => `Actions for ${name}`,
  details: 'Details',
  preview: 'Preview',
  copyId: 'Copy id',
  destroyedOn: (day: string) => `Destroyed on ${day}`,
} as const;

export const selection = {
  label: 'Selection',
  selectLoaded: 'Select all that are loaded',
  selectAll: (n: number, isFiltered: boolean) => `Select all ${count(n)}${isFiltered ? ' that match' : ''}`,
  selected: (n: number) => `${count(n)} selected`,
  notInView: (n: number) => `${count(n)} not in view`,
  clear: 'Clear',
  clearAll: 'Clear the selection',
  filter: 'Search and filter',
  collecting: 'Collecting',
  collected: (found: number, total: number) => `Collecting ${count(found)} of ${count(total)}`,
  cancel: 'Cancel',
  tooMany: (most: number) => `At most ${count(most)} at a time`,
  limit: 'api.video limits the changes per minute',
  about: (seconds: number) => `about ${duration(seconds)}`,
} as const;

export const orders = {
  newest: 'Newest first',
  oldest: 'Oldest first',
  changed: 'Last changed',
  title: 'Title A–Z',
  soonest: 'Destroyed soonest',
  latest: 'Removed last',
} as const;

export const probe = {
  title: "The gateway's test video",
  text: 'The gateway deletes this video to test whether deleted videos can be restored. You cannot select it.',
} as const;

export const preview = {
  reading: 'Reading the video…',
  tryAgain: 'Try again',
  close: 'Close',
  unread: 'The video could not be read.',
  gone: 'This video is gone permanently: it is neither in Videos nor in Removed.',
  noPlayer: 'api.video has no player for this video yet.',
  playerOf: (name: string) => `Player of ${name}`,
  unplayable: 'A removed video cannot be played. Restore it to play it.',
  destroyedOn: (time: string) => `api.video destroys it on ${time}.`,
} as const;

export const facts = {
  tags: 'Tags',
  visibility: 'Visibility',
  isPublic: (isPublic: boolean | null) => (isPublic === null ? '' : isPublic ? 'Public' : 'Private'),
  created: 'Created',
  updated: 'Changed',
  removed: 'Removed',
  id: 'Id',
  copy: 'Copy',
  copyId: 'Copy the id',
  copied: 'Copied',
  idCopied: 'Id copied',
  notCopied: 'Not copied: the browser does not allow it',
} as const;

type Counts = { readonly succeeded: number; readonly destroyed: number; readonly failed: number };

export const operations = {
  title: (act: Act, total: number) => `${verb(act).going} ${videos(total)}`,
  soFar: (act: Act, { succeeded, destroyed, failed }: Counts) => [
    ...(succeeded > destroyed
      ? [`${count(succeeded - destroyed)} ${act === 'delete' ? 'moved' : 'restored'}`]
      : []),
    ...(destroyed > 0 ? [`${count(destroyed)} deleted permanently`] : []),
    ...(failed > 0 ? [operations.failed(failed)] : []),
  ],
  failed: (n: number) => `${count(n)} failed`,
  timeLeft: (seconds: number) => `${duration(seconds)} left`,
  waiting: 'paused: api.video is not responding',
  cancelling: 'cancelled; finishing the requests already sent',
  /** @param left - how many were not sent because the user has cancelled it. */
  ended: (act: Act, { succeeded, destroyed, failed }: Counts, left: number) => [
    ...(succeeded > destroyed ? [(act === 'delete' ? moved : restored)(succeeded - destroyed)] : []),
    ...(destroyed > 0 ? [wereDestroyed(destroyed)] : []),
    ...(failed === 0 ? [] : [succeeded > 0 ? operations.failed(failed) : notDone(act, failed)]),
    ...(left > 0 ? [left === 1 ? '1 was left as it is' : `${count(left)} were left as they are`] : []),
  ],
  step: (title: string, percent: number) => `${title}: ${percent} %`,
  progress: 'Progress',
  cancel: 'Cancel',
  undo: 'Undo',
  dismiss: 'Dismiss',
  show: (n: number) => `Show the ${count(n)}`,
  hide: 'Hide',
  more: (n: number) => `and ${count(n)} more`,
  fewer: 'Show fewer',
  reading: 'Reading what failed…',
  readAgain: 'Try again',
  onlyFirst: (n: number) => `These are the first ${count(n)}.`,
  again: (n: number, seconds: number) =>
    `Try ${count(n)} again${seconds > 0 ? ` in ${duration(seconds)}` : ''}`,
  deletePermanently: (n: number) => `Delete ${videos(n)} permanently…`,
} as const;

export const faults = {
  unknown: 'The gateway answered with an error.',
  empty: 'The gateway answered without a result.',
  offline: 'You are offline.',
  offlineNotice: 'You are offline. The list stays as it was; nothing is sent until you are back.',
  notSentOffline: 'You were offline, so nothing was sent.',
  partMissing: 'A part of the app could not be loaded. Load the page again; your selection will be lost.',
  unreachable: 'The gateway could not be reached.',
  signedOut: 'You are not signed in.',
  forbidden: 'You may not do this.',
  busy: 'The gateway has too much to do. Try again in a moment.',
  notAccepted: 'api.video does not accept the credentials.',
  usedUp: (seconds: number | undefined) =>
    `The read limit of api.video is used up. Try again in ${duration(seconds ?? 60)}.`,
  unreadable: 'The answer did not come from the gateway. Load the page again: you may have to sign in.',
  tooLarge: 'This is more than the server in front of the gateway takes at a time.',
  tooMany: 'Too many requests at once. Try again in a moment.',
  status: (status: number) => `The gateway answered with an error (${status}).`,
} as const;

export const signIn = {
  title: 'Sign in',
  out: 'Sign out',
  submit: 'Sign in',
  notNow: 'Not now',
  keep: 'Keep me signed in in this tab',
  refused: 'The gateway does not accept this. It may be mistyped, or have expired.',
  unfit: 'This contains a space or an unsupported character. Paste it again.',
  ended: 'Your sign-in has ended. Sign in again to go on where you were: what is selected stays selected.',
  somebodyElse: 'These credentials belong to another account. Sign out first to use them.',
  elsewhere: 'Your session has ended. Load the page again to sign in; your selection will be lost.',
  reload: 'Load again',
  passthrough: {
    text: "Videos are read and changed with your own api.video credentials. They stay in this page's memory.",
    label: 'API key or access token',
  },
  jwt: {
    text: "Enter an access token of your organisation. It stays in this page's memory. If you have just signed in elsewhere, reload this page instead.",
    label: 'Access token',
  },
} as const;

export const noAccess = {
  title: 'No access to the videos',
  text: 'The gateway does not allow you to read videos. Ask your administrator for access.',
} as const;
