// What the app says of deletions and restores: a part of words.ts, which another language has too.
import {
  type Act,
  count,
  duration,
  lists,
  momentOf,
  moved,
  notDone,
  restored,
  them,
  verb,
  videos,
  wereDestroyed,
} from './words.ts';

const FAILURES: Readonly<Record<string, string>> = {
  NOT_FOUND: 'No longer there, neither in Videos nor in Removed',
  INVALID_ID: 'Not the id of a video',
  PERMANENT_DELETION_REFUSED: 'Not deleted, because Video Restore is off and nobody could bring it back',
  DESTROYED: 'Gone permanently, because Video Restore was switched off just then',
  OUTCOME_UNKNOWN: 'api.video did not say whether it worked. Press Look again',
  NOT_ATTEMPTED: 'Not sent, so nothing changed. api.video limits the changes per minute',
  UPSTREAM_UNAVAILABLE: 'api.video could not be reached, or failed. Nothing changed',
  UPSTREAM_REJECTED: 'api.video refused it. Nothing changed',
  UPSTREAM_UNAUTHORIZED: 'api.video does not accept the credentials. Nothing changed',
  CHANGED_SINCE: 'Someone else has removed it again',
  NO_ANSWER: 'No answer came that says whether it worked',
  GONE: 'When the app looked, it was neither in Videos nor in Removed',
};
export const failure = (code: string) => FAILURES[code] ?? 'It did not work';
/** For an operation, whose failures have no button that looks. */
export const operationFailure = (code: string) =>
  code === 'OUTCOME_UNKNOWN'
    ? 'api.video did not say whether it worked. Look in Videos and in Removed'
    : failure(code);

type Done = {
  readonly removed: readonly string[];
  readonly alreadyRemoved: readonly string[];
  readonly destroyed: readonly string[];
  readonly restored: readonly string[];
  readonly alreadyLive: readonly string[];
  readonly live: readonly string[];
};

/** Sentences for a call's successes. */
export function done(outcome: Done): readonly string[] {
  const { removed, alreadyRemoved, destroyed, restored: back, alreadyLive, live } = outcome;
  return [
    ...some(removed, moved),
    ...some(alreadyRemoved, (n) => (removed.length > 0 ? wereThere(n) : wereIn(n, lists.removed.heading))),
    ...some(destroyed, wereDestroyed),
    ...some(back, restored),
    ...some(live, (n) => areIn(n, lists.videos.heading)),
    ...some(alreadyLive, (n) => (back.length > 0 ? wereThere(n) : wereIn(n, lists.videos.heading))),
  ];
}

/** Sentences for the states that a look found after a lost answer. */
export const found = (states: readonly ('live' | 'removed' | 'gone')[]): readonly string[] => [
  ...some(
    states.filter((state) => state === 'removed'),
    (n) => areIn(n, lists.removed.heading),
  ),
  ...some(
    states.filter((state) => state === 'live'),
    (n) => areIn(n, lists.videos.heading),
  ),
  ...some(
    states.filter((state) => state === 'gone'),
    (n) => `${videos(n)} ${isOrAre(n)} gone permanently`,
  ),
];

const some = (of: readonly unknown[], toSentence: (n: number) => string) =>
  of.length > 0 ? [toSentence(of.length)] : [];
const isOrAre = (n: number) => (n === 1 ? 'is' : 'are');
const wasOrWere = (n: number) => (n === 1 ? 'was' : 'were');
const areIn = (n: number, list: string) => `${videos(n)} ${isOrAre(n)} in ${list}`;
const wereIn = (n: number, list: string) => `${videos(n)} ${wasOrWere(n)} in ${list} already`;
const wereThere = (n: number) => `${count(n)} ${wasOrWere(n)} there already`;

/** Why the gateway refused a call as a whole. */
export const refusal = ({ message }: { readonly message: string }) => message;

/** Sentences for the failure panel. */
export const report = {
  label: 'Failures',
  notDone,
  notSoFar: (act: Act, n: number) =>
    `${videos(n)} ${n === 1 ? 'has' : 'have'} not been ${verb(act).done} so far`,
  notKnown: (act: Act, n: number) => `It is not known whether ${videos(n)} ${wasOrWere(n)} ${verb(act).done}`,
  destroyed: (_act: Act, n: number) =>
    `${videos(n)} ${wasOrWere(n)} deleted permanently, because Video Restore was switched off`,
  startUnknown: (act: Act, n: number) =>
    `It is not known whether the gateway has begun to ${verb(act).name.toLowerCase()} ${videos(n)}. You can safely try again: it starts only once.`,
  unsent: (act: Act, reason: string) => `Nothing was ${verb(act).done}. ${reason}`,
  tooMany: (most: number) => `Nothing was sent: the gateway takes ${videos(most)} at a time.`,
  notDoneAt: (ms: number) => `When the app looked, at ${momentOf(ms)}, nothing had changed`,
  notLooked: (reason: string) => `The app could not look. ${reason}`,
  busy: (act: Act, n: number) =>
    n === 1
      ? `This video is being ${verb(act).done} already`
      : `These videos are being ${verb(act).done} already`,
  unloaded: 'Nothing was sent: a part of the app could not be loaded. Try again, or load the page again.',
  partlyUnread: 'Some of the videos could not be read.',
  look: 'Look again',
  looking: 'Looking…',
  again: (n: number, seconds: number) =>
    `Try ${count(n)} again${seconds > 0 ? ` in ${duration(seconds)}` : ''}`,
  andMore: (n: number) => `and ${count(n)} more`,
  dismiss: 'Dismiss',
} as const;

export const undo = {
  inStrip: 'This deletion goes on in the background. Cancel it there, or undo it once it has ended.',
  notYet: 'Nothing was undone: first see what became of the deletion.',
} as const;

export const messages = { label: 'Messages', undo: 'Undo', dismiss: 'Dismiss' } as const;

export const permanent = {
  title: (n: number) => `Delete ${videos(n)} permanently?`,
  text: 'Video Restore is off in this api.video account: nobody can bring back what is deleted now.',
  notYet: (n: number) => `${n === 1 ? 'This video has' : 'These videos have'} not been deleted yet.`,
  instead:
    'To keep a way back, switch Video Restore on in the api.video dashboard, wait a minute, and delete again.',
  /** As it is typed. */
  phrase: (n: number) => `delete ${n}`,
  type: 'Type',
  toDelete: (n: number) => `to delete ${them(n)}`,
  keep: (n: number) => (n === 1 ? 'Keep the video' : 'Keep the videos'),
  confirm: 'Delete permanently',
} as const;
