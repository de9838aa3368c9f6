// Whether a caller may see what others have read: upstream must have accepted its credentials lately.
import type { Caller, ReadKind } from '../upstream/caller.ts';
import { isBelieved } from '../upstream/credentials.ts';
import type { Videos } from '../upstream/videos.ts';

/**
 * Sends one read, unless upstream has accepted the caller's credentials lately. It is a read of no single video, whose
 * fault would be every video's.
 *
 * @throws the errors of `Videos.list`: then the caller may not see what others have read.
 */
export async function askFirst(videos: Videos, kind: ReadKind, caller: Caller): Promise<void> {
  if (isBelieved(caller.credentials, videos.believeMs)) return;
  await videos.list('live', { currentPage: 1, pageSize: 1 }, kind, caller);
}
