// What sentences call a video: the title that a list has shown, else its id.
import type { ApolloClient } from '@apollo/client';
import { VideoTitleFragmentDoc } from '../generated/documents.ts';

/** A sentence names several. */
const LONGEST = 80;

function titleOf({ cache }: ApolloClient, id: string): string {
  const video = cache.readFragment({ id: `Video:${id}`, fragment: VideoTitleFragmentDoc });
  return shorten(video?.title || id);
}

/** In the same order. Those with the same title get their ids, so that they can be told apart. */
export function titlesOf(client: ApolloClient, ids: readonly string[]): readonly string[] {
  const titles = ids.map((id) => titleOf(client, id));
  return titles.map((title, index) => {
    const isShared = titles.indexOf(title) !== titles.lastIndexOf(title);
    return isShared ? `${title} (${ids[index]})` : title;
  });
}

/** By whole code points, so that no half of one is left. */
function shorten(title: string): string {
  if (title.length <= LONGEST) return title;
  const points = Array.from(title);
  return points.length <= LONGEST
    ? title
    : `${points
        .slice(0, LONGEST - 1)
        .join('')
        .trimEnd()}…`;
}
