// The app: two tabs over one state, so that ticks, calls and failures outlive a change of tab.
import { Suspense, useCallback, useEffect, useState } from 'react';
import { I18nProvider } from 'react-aria-components';
import { useLocation } from 'wouter';
import { useActs } from './acts/use-acts.ts';
import { Head } from './head.tsx';
import {
  FailurePanels,
  OperationStrips,
  PermanentDeletion,
  Preview,
  preloadParts,
  SignIn,
  Toasts,
} from './lazy-parts.ts';
import { REMOVED, VIDEOS } from './lists/list-kind.ts';
import { ListPage } from './lists/list-page.tsx';
import { useTicks } from './lists/use-ticks.ts';
import { useOperations } from './operations/use-operations.ts';
import { ConnectionNotice } from './session/connection-notice.tsx';
import { NoAccess } from './session/no-access.tsx';
import { useAsking } from './session/use-session.ts';
import { useViewer } from './session/use-viewer.ts';
import { APP, LOCALE, lists } from './words.ts';

/** What the gateway allows most callers, until it has answered: the boxes are there at once, and nothing moves. */
const USUAL = { canRead: true, canDelete: true, canRestore: true, maxIds: 1000, maxBackgroundIds: 100_000 };

export function App() {
  const [location] = useLocation();
  const isRemoved = location === '/removed';
  const { viewer: known, readAgain } = useViewer();
  const viewer = known ?? USUAL;
  const ticks = { delete: useTicks(), restore: useTicks() };
  // All else waits for the list: it is what the user has come for.
  const [isShown, setShown] = useState(false);
  const onShown = useCallback(() => setShown(true), []);
  const operations = useOperations(isShown && known !== undefined);
  const acts = useActs({
    maxIds: viewer.maxIds,
    maxBackgroundIds: viewer.maxBackgroundIds,
    mayRestore: viewer.canRestore,
    inOperations: operations.busy,
    onSettled: (act, ids) => ticks[act].drop(ids),
    onOperation(operation, { act, ids }) {
      ticks[act].drop(ids);
      operations.add(operation, ids);
    },
  });
  const asking = useAsking();
  const [previewed, setPreviewed] = useState<string>();
  useEffect(() => {
    document.title = `${isRemoved ? lists.removed.heading : lists.videos.heading} · ${APP}`;
  }, [isRemoved]);

  useEffect(() => {
    if (isShown) preloadParts();
  }, [isShown]);

  const notices = (
    <>
      <ConnectionNotice />
      <Suspense>
        {operations.list.length > 0 && (
          <OperationStrips
            operations={operations}
            acts={acts}
            may={{ delete: viewer.canDelete, restore: viewer.canRestore }}
          />
        )}
      </Suspense>
      <Suspense>{acts.reports.length > 0 && <FailurePanels acts={acts} />}</Suspense>
    </>
  );
  return (
    <I18nProvider locale={LOCALE}>
      <Head isRemoved={isRemoved} />
      <main className="main">
        {!viewer.canRead ? (
          <NoAccess />
        ) : isRemoved ? (
          <ListPage
            key="removed"
            kind={REMOVED}
            ticks={ticks.restore}
            acts={acts}
            mayAct={viewer.canRestore}
            most={viewer.maxBackgroundIds}
            onPreview={setPreviewed}
            onShown={onShown}
            onRetry={readAgain}
          >
            {notices}
          </ListPage>
        ) : (
          <ListPage
            key="videos"
            kind={VIDEOS}
            ticks={ticks.delete}
            acts={acts}
            mayAct={viewer.canDelete}
            most={viewer.maxBackgroundIds}
            onPreview={setPreviewed}
            onShown={onShown}
            onRetry={readAgain}
          >
            {notices}
          </ListPage>
        )}
      </main>
      <Suspense>
        {acts.refused.length > 0 && (
          <PermanentDeletion ids={acts.refused} onKeep={acts.keep} onDelete={acts.confirm} />
        )}
        {previewed !== undefined && (
          <Preview
            id={previewed}
            isBusy={acts.isBusy[isRemoved ? 'restore' : 'delete'](previewed)}
            onAct={{
              delete: viewer.canDelete ? (id) => acts.run('delete', [id]) : undefined,
              restore: viewer.canRestore ? (id) => acts.run('restore', [id]) : undefined,
            }}
            onClose={() => setPreviewed(undefined)}
          />
        )}
      </Suspense>
      <Suspense>{asking !== 'no' && <SignIn key={asking} asking={asking} />}</Suspense>
      <Suspense>{isShown && <Toasts />}</Suspense>
    </I18nProvider>
  );
}
