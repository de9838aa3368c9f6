// One video in a dialog: its player, and everything that the gateway knows of it. It is read when the dialog opens.
import '../styles/dialogs.css';
import '../styles/preview.css';
import { useApolloClient, useQuery } from '@apollo/client/react';
import { VideoDocument } from 'apivideo-graphql-client';
import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { VideoRowFragmentDoc } from '../generated/documents.ts';
import { Icon } from '../icon.tsx';
import { nameOf } from '../lists/name-of.ts';
import { explain } from '../session/faults.ts';
import { type Act, verb, preview as words } from '../words.ts';
import { Facts } from './facts.tsx';
import { Screen } from './screen.tsx';

export function Preview({
  id,
  isBusy,
  onAct,
  onClose,
}: {
  readonly id: string;
  /** Whether it is being deleted or restored. */
  readonly isBusy: boolean;
  /** What the caller may do with it; undefined for what the caller may not. */
  readonly onAct: Readonly<Record<Act, ((id: string) => void) | undefined>>;
  readonly onClose: () => void;
}) {
  const { cache } = useApolloClient();
  const { data, loading, error, refetch } = useQuery(VideoDocument, {
    variables: { id },
    // A copy of an earlier look shows at once; the video may have changed since.
    fetchPolicy: 'cache-and-network',
    nextFetchPolicy: 'cache-first',
    notifyOnNetworkStatusChange: true,
  });
  const video = data?.video;
  // What the list knows stands there until the rest has come.
  const known =
    video ??
    cache.readFragment({
      id: `Video:${id}`,
      fragment: VideoRowFragmentDoc,
      fragmentName: 'VideoRow',
    });
  const isGone = data?.video === null && !loading;
  const act = video?.removed ? 'restore' : 'delete';
  const run = video && !video.probe ? onAct[act] : undefined;

  return (
    <ModalOverlay className="veil" isDismissable isOpen onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Modal className="dialog preview">
        <Dialog>
          <div className="preview-head">
            <Heading slot="title" dir="auto">
              {known ? nameOf(known) : id}
            </Heading>
            <Button slot="close" className="icon-button" aria-label={words.close}>
              <Icon name="close" />
            </Button>
          </div>
          {video ? (
            <>
              <Screen video={video} />
              <Facts video={video} />
            </>
          ) : isGone ? (
            <p className="note" role="alert">
              <Icon name="warning" /> {words.gone}
            </p>
          ) : error && !loading ? (
            <div className="note" role="alert">
              <Icon name="warning" />
              <span>
                {words.unread} {explain(error)}{' '}
                <Button className="link" onPress={() => void refetch().catch(() => {})}>
                  {words.tryAgain}
                </Button>
              </span>
            </div>
          ) : (
            <div className="screen" role="status">
              {words.reading}
            </div>
          )}
          <div className="row-end">
            {video && run && (
              <Button
                className={act === 'delete' ? 'button risky' : 'button main'}
                isDisabled={isBusy}
                onPress={() => {
                  run(id);
                  onClose();
                }}
              >
                {isBusy ? `${verb(act).going}…` : verb(act).name}
              </Button>
            )}
            <Button slot="close" className="button">
              {words.close}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
