// What both examples show: the live and the removed videos with boxes to tick, and what became of the last call. It asks
// the gateway nothing itself: react-apollo.tsx and react-urql.tsx do that. The larger example is the web app: docs/web-app.md.
import { type DeleteVideosMutation, type RestoreVideosMutation, retryLater } from 'apivideo-graphql-client';
import { useEffect, useRef, useState } from 'react';

export type Result =
  | NonNullable<DeleteVideosMutation['deleteVideos']>['results'][number]
  | NonNullable<RestoreVideosMutation['restoreVideos']>['results'][number];

/** The answer to a call: results, or why there are none. */
export type Answer = { readonly results: readonly Result[]; readonly problem?: string | undefined };

/** The part of a list that is loaded. */
export type List = {
  readonly videos: readonly { readonly id: string; readonly title: string | null; readonly probe: boolean }[];
  readonly total: number | undefined;
  readonly isLoading: boolean;
  readonly problem?: string | undefined;
  /** Loads again what failed. */
  readonly reload: () => void;
  /** Loads the next page, if there is one. */
  readonly loadMore?: (() => void) | undefined;
};

type Action = 'delete' | 'restore';
type Titles = ReadonlyMap<string, string | null>;
type Call = Answer & { readonly action: Action; readonly ids: readonly string[]; readonly titles: Titles };

export function Library(props: {
  readonly live: List;
  readonly removed: List;
  readonly deleteVideos: (ids: readonly string[]) => Promise<Answer>;
  readonly restoreVideos: (ids: readonly string[]) => Promise<Answer>;
  /** Starts a deletion that goes on by itself; false if it has not. */
  readonly startDeletion: (ids: readonly string[]) => Promise<boolean>;
}) {
  const { live, removed } = props;
  const [toDelete, setToDelete] = useState<readonly string[]>([]);
  const [toRestore, setToRestore] = useState<readonly string[]>([]);
  const [last, setLast] = useState<Call>();
  const [isRunning, setRunning] = useState(false);
  const mayLackProbe = useRef(true);

  const titles = new Map([...live.videos, ...removed.videos].map(({ id, title }) => [id, title]));

  /** `earlier`: what other videos got, when only the rest is tried again. */
  async function run(action: Action, ids: readonly string[], earlier: readonly Result[] = []) {
    setLast(undefined);
    setRunning(true);
    const call = action === 'delete' ? props.deleteVideos : props.restoreVideos;
    const answer = await call(ids).catch((error): Answer => ({ results: [], problem: explain(error) }));
    setRunning(false);
    setLast({ action, ids, titles, ...answer, results: [...earlier, ...answer.results] });
    // What failed stays ticked.
    const done = new Set(answer.results.filter((result) => !isFailure(result)).map(({ videoId }) => videoId));
    const keepRest = (ticked: readonly string[]) => ticked.filter((id) => !done.has(id));
    setToDelete(keepRest);
    setToRestore(keepRest);
    // The first deletion of a project also adds the gateway's probe video, and no result names it: only a new read shows it.
    if (mayLackProbe.current && answer.results.some(({ __typename: type }) => type === 'VideoRemoved')) {
      mayLackProbe.current = false;
      if (!removed.videos.some(({ probe }) => probe)) removed.reload();
    }
  }

  const start = async (ids: readonly string[]) => (await props.startDeletion(ids)) && setToDelete([]);

  return (
    <main>
      {isRunning && <p>Working …</p>}
      {last && <LastCall call={last} run={run} />}
      <VideoList {...{ isRunning, heading: 'Videos', list: live, ticked: toDelete, setTicked: setToDelete }}>
        {(ids) => (
          <>
            <button type="button" disabled={isRunning || ids.length === 0} onClick={() => run('delete', ids)}>
              Delete {ids.length}
            </button>
            <button type="button" disabled={isRunning || ids.length === 0} onClick={() => start(ids)}>
              In the background
            </button>
          </>
        )}
      </VideoList>
      <VideoList
        {...{ isRunning, heading: 'Removed', list: removed, ticked: toRestore, setTicked: setToRestore }}
      >
        {(ids) => (
          <button type="button" disabled={isRunning || ids.length === 0} onClick={() => run('restore', ids)}>
            Restore {ids.length}
          </button>
        )}
      </VideoList>
    </main>
  );
}

function VideoList({
  isRunning,
  heading,
  list,
  ticked,
  setTicked,
  children,
}: {
  readonly isRunning: boolean;
  readonly heading: string;
  readonly list: List;
  readonly ticked: readonly string[];
  readonly setTicked: (ids: readonly string[]) => void;
  /** The button for the ticked videos. */
  readonly children: (ids: readonly string[]) => React.ReactNode;
}) {
  const { videos, total, isLoading, problem, reload, loadMore } = list;
  // A page that is read while a call runs has a total that counts some of its videos already.
  const mayRead = !isLoading && !isRunning;
  // Acts on nothing that the page does not show as ticked, even if the list has changed since.
  const all = new Set(ticked);
  const shown = new Set(videos.map(({ id }) => id).filter((id) => all.has(id)));
  const toggle = (id: string) =>
    setTicked(shown.has(id) ? [...shown].filter((each) => each !== id) : [...shown, id]);

  return (
    <section aria-label={heading}>
      <h2>
        {heading} {total !== undefined && `(${total})`}
      </h2>
      {children([...shown])}
      {problem && (
        <p role="alert">
          {problem}{' '}
          <button type="button" disabled={!mayRead} onClick={reload}>
            Load again
          </button>
        </p>
      )}
      {/* Nobody restores the gateway's own video, with which it finds out whether deletions can be restored. */}
      {videos.map(({ id, title, probe }) => (
        <label key={id} style={{ display: 'block' }}>
          <input type="checkbox" checked={shown.has(id)} disabled={probe} onChange={() => toggle(id)} />
          {title ?? id}
        </label>
      ))}
      {isLoading && <p>Loading …</p>}
      {loadMore && !problem && (
        <button type="button" disabled={!mayRead} onClick={loadMore}>
          More
        </button>
      )}
    </section>
  );
}

function LastCall({
  call,
  run,
}: {
  readonly call: Call;
  readonly run: (action: Action, ids: readonly string[], earlier?: readonly Result[]) => void;
}) {
  const { action, ids, titles, results, problem } = call;
  const failures = results.filter(isFailure);
  const destroyed = results.filter(({ __typename: type }) => type === 'VideoDestroyed').length;
  // What was removed before this call is not its to undo.
  const undoable = results.flatMap((result) =>
    result.__typename === 'VideoRemoved' && !result.alreadyRemoved ? [result.videoId] : [],
  );
  // Without results, nobody knows whether the gateway acted. To call again is safe, and shows it.
  const retry = problem === undefined ? retryLater(results) : { ids, afterSeconds: 0 };
  const tryAgain = () => {
    const again = new Set(retry?.ids);
    run(
      action,
      [...again],
      results.filter(({ videoId }) => !again.has(videoId)),
    );
  };

  return (
    <section aria-label="Last call" aria-live="polite">
      {problem && <p role="alert">{problem}</p>}
      {results.length > 0 && (
        <p>
          {results.length - failures.length} {action === 'delete' ? 'deleted' : 'restored'}
          {destroyed > 0 && ` (${destroyed} permanently)`}, {failures.length} failed{' '}
          {undoable.length > 0 && (
            <button type="button" onClick={() => run('restore', undoable)}>
              Undo {undoable.length}
            </button>
          )}
        </p>
      )}
      <ul>
        {failures.map(({ videoId, message }) => (
          <li key={videoId}>
            {titles.get(videoId) ?? videoId}: {message}
          </li>
        ))}
      </ul>
      {retry && <RetryButton {...retry} onClick={tryAgain} />}
    </section>
  );
}

function RetryButton({
  ids,
  afterSeconds,
  onClick,
}: {
  readonly ids: readonly string[];
  readonly afterSeconds: number;
  readonly onClick: () => void;
}) {
  const [secondsLeft, setSecondsLeft] = useState(afterSeconds);
  useEffect(() => {
    if (secondsLeft <= 0) return;
    const timer = setTimeout(() => setSecondsLeft(secondsLeft - 1), 1000);
    return () => clearTimeout(timer);
  }, [secondsLeft]);

  return (
    <button type="button" disabled={secondsLeft > 0} onClick={onClick}>
      Try again {ids.length} {secondsLeft > 0 && `in ${secondsLeft} s`}
    </button>
  );
}

function isFailure(result: Result) {
  return result.__typename === 'VideoFailure';
}

/** The problem with a call or a list as a whole, for people. */
export function explain(error: Error | null | undefined): string | undefined {
  // The browser tells no page why it refused an answer.
  if (error instanceof TypeError) {
    return `No answer. Does the gateway run, and does its CORS_ORIGINS list ${location.origin}? (${error.message})`;
  }
  return error?.message;
}

/** The answer to a call: its payload, and the error that came with it or instead. */
export function toAnswer(
  payload:
    | { readonly results: Answer['results']; readonly userErrors: readonly { readonly message: string }[] }
    | null
    | undefined,
  error: Error | undefined,
): Answer {
  const [userError] = payload?.userErrors ?? [];
  return { results: payload?.results ?? [], problem: explain(error) ?? userError?.message };
}
