// The picture of a video, or a film strip if there is none: those of private videos need a token that may have ended.
import { useState } from 'react';
import { Icon } from '../icon.tsx';

export function Thumbnail({ url }: { readonly url: string | null | undefined }) {
  const [broken, setBroken] = useState<string>();
  return (
    <div className="thumb">
      {url && url !== broken ? (
        <img src={url} alt="" loading="lazy" referrerPolicy="no-referrer" onError={() => setBroken(url)} />
      ) : (
        <Icon name="film" />
      )}
    </div>
  );
}
