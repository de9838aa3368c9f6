// Where a live video plays, and where a removed one says why it does not.
import type { VideoDetailsFragment } from 'apivideo-graphql-client';
import { Icon } from '../icon.tsx';
import { nameOf } from '../lists/name-of.ts';
import { daysLeft, onDayAt, probe, preview as words } from '../words.ts';

export function Screen({ video }: { readonly video: VideoDetailsFragment }) {
  if (video.probe)
    return (
      <p className="note">
        <Icon name="probe" /> {probe.text}
      </p>
    );
  if (video.removed) return <Unplayable deletesAt={video.deletesAt} />;
  const player = video.assets?.player;
  if (!player) return <p className="screen">{words.noPlayer}</p>;
  return (
    <div className="screen">
      <iframe
        src={player}
        title={words.playerOf(nameOf(video))}
        // Without the ways to leave its frame, to open windows, or to send forms.
        sandbox="allow-scripts allow-same-origin allow-presentation"
        allow="fullscreen; encrypted-media; picture-in-picture"
        referrerPolicy="no-referrer"
      />
    </div>
  );
}

function Unplayable({ deletesAt }: { readonly deletesAt: string | null }) {
  const left = daysLeft(deletesAt, Date.now());
  return (
    <div className={left.isSoon ? 'note warn' : 'note'}>
      <Icon name={left.isSoon ? 'warning' : 'film'} />
      <p>
        {words.unplayable}
        {deletesAt && (
          <>
            {' '}
            <strong>{left.text}:</strong> {words.destroyedOn(onDayAt(deletesAt))}
          </>
        )}
      </p>
    </div>
  );
}
