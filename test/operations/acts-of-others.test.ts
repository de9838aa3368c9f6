// What others do to a video after a gateway was killed is not the work of its operation, whatever was under way then.
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createFolder } from '../support/create-folder.ts';
import {
  createPlainVideos,
  readOperation,
  readResults,
  startDurableGateway,
  startInBackground,
} from '../support/durable-gateway.ts';
import { eventually } from '../support/eventually.ts';
import { startPlainUpstream } from '../support/plain-upstream.ts';

const TEN_MINUTES = 600_000;
const MISSING = {
  status: 404,
  body: { type: 'https://docs.api.video/reference/resource-not-found', title: 'A title.', status: 404 },
};

test('a video that another one removes or destroys long after the crash is not the operation’s', async () => {
  const { videos, ids } = createPlainVideos(2);
  const [removed, destroyed] = videos;
  let aheadMs = 0;
  let isHanging = true;
  await using upstream = await startPlainUpstream({
    videos,
    secondDelete: 'destroys',
    // The deletions that are under way at the crash never have an effect.
    pause: async ({ method }) => {
      while (isHanging && method === 'DELETE') await wait(20);
    },
    alter: (answer, { path }) => {
      answer.headers.Date = new Date(Date.now() + aheadMs).toUTCString();
      if (aheadMs > 0 && path.endsWith(`/${destroyed?.videoId}`)) Object.assign(answer, MISSING);
    },
  });
  await using folder = await createFolder();
  const settings = { DATA_DIR: folder.path, VIDEO_RESTORE: 'on' };
  await using first = startDurableGateway(upstream.url, { ...settings, UPSTREAM_TIMEOUT_MS: '20000' });
  const id = await startInBackground(await first.url, 'deleteVideos', ids, ', ifPermanent: ALLOW');
  const sent = () => upstream.requests.filter(({ method }) => method === 'DELETE');
  await eventually(() => expect(sent()).toHaveLength(2));
  first.child.kill('SIGKILL');
  await first.ended;

  aheadMs = TEN_MINUTES;
  const at = new Date(Date.now() + aheadMs).toISOString();
  Object.assign(removed ?? {}, { discarded: true, discardedAt: at, deletesAt: at });
  await using second = startDurableGateway(upstream.url, settings);
  const url = await second.url;
  await eventually(async () => expect((await readOperation(url, id)).status).toBe('COMPLETED'), 60_000);
  expect(await readResults(url, id)).toEqual([
    { __typename: 'VideoRemoved', videoId: removed?.videoId, alreadyRemoved: true },
    { __typename: 'VideoFailure', videoId: destroyed?.videoId, code: 'OUTCOME_UNKNOWN' },
  ]);
  expect(sent()).toHaveLength(2);
  isHanging = false;
});
