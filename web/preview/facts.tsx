// What is written about a video: its description, tags, dates, metadata, and the id that programs know it by.
import type { VideoDetailsFragment } from 'apivideo-graphql-client';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { onDayAt, facts as words } from '../words.ts';
import { copyText } from './copy-text.ts';

export function Facts({ video }: { readonly video: VideoDetailsFragment }) {
  const { id, description, tags, metadata } = video;
  return (
    <>
      {description && (
        <p className="description" dir="auto">
          {description}
        </p>
      )}
      {tags.length > 0 && (
        <ul className="labels" aria-label={words.tags}>
          {tags.map((tag) => (
            <li key={tag} dir="auto">
              {tag}
            </li>
          ))}
        </ul>
      )}
      <dl className="facts">
        <Fact name={words.visibility}>{words.isPublic(video.public)}</Fact>
        <Fact name={words.created}>{onDayAt(video.createdAt)}</Fact>
        <Fact name={words.updated}>{onDayAt(video.updatedAt)}</Fact>
        {video.removed && <Fact name={words.removed}>{onDayAt(video.removedAt)}</Fact>}
        {metadata.map(({ key, value }) => (
          <Fact key={`metadata ${key}`} name={key}>
            <span dir="auto">{value}</span>
          </Fact>
        ))}
        <Fact name={words.id}>
          <code>{id}</code>
          <Copy text={id} />
        </Fact>
      </dl>
    </>
  );
}

/** Nothing if there is nothing to say: api.video leaves some dates out. */
function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  if (!children) return null;
  return (
    <div>
      <dt dir="auto">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Copy({ text }: { readonly text: string }) {
  const [said, setSaid] = useState('');
  return (
    <>
      <Button
        className="link"
        aria-label={words.copyId}
        onPress={async () => setSaid((await copyText(text)) ? words.copied : words.notCopied)}
      >
        {words.copy}
      </Button>
      <span className="quiet" role="status">
        {said}
      </span>
    </>
  );
}
