// What happens to an operation while its file cannot grow. The gateway is a process of its own, with a limit on files.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createFolder } from '../support/create-folder.ts';
import {
  createPlainVideos,
  isDeletion,
  readOperation,
  startDurableGateway,
  startInBackground,
} from '../support/durable-gateway.ts';
import { eventually } from '../support/eventually.ts';
import { startPlainUpstream } from '../support/plain-upstream.ts';
import { run } from '../support/run-command.ts';

test.runIf(process.platform === 'linux')(
  'nothing that is not recorded is sent while the disk is full',
  async () => {
    const { videos, ids } = createPlainVideos(300);
    await using upstream = await startPlainUpstream({ videos });
    await using folder = await createFolder();
    await using gateway = startDurableGateway(upstream.url, {
      DATA_DIR: folder.path,
      VIDEO_RESTORE: 'on',
      UPSTREAM_CONCURRENCY: '2',
    });
    const url = await gateway.url;
    const id = await startInBackground(url, 'deleteVideos', ids);
    const deletes = () => upstream.requests.filter(isDeletion);
    await eventually(() => expect(deletes().length).toBeGreaterThan(10));
    const limit = (bytes: number | 'unlimited') =>
      run('prlimit', [`--pid=${gateway.child.pid}`, `--fsize=${bytes}:unlimited`]);

    const { size } = await stat(join(folder.path, 'operations.sqlite-wal'));
    await limit(size);
    const full = performance.now();
    await wait(3_000);
    const sent = deletes().length;
    const late = deletes().filter(({ at }) => at > full + 1_000);
    await limit('unlimited');

    expect(late).toEqual([]);
    expect(sent).toBeLessThan(ids.length);
    await eventually(async () => expect((await readOperation(url, id)).status).toBe('COMPLETED'), 60_000);
    expect(await readOperation(url, id)).toMatchObject({ succeeded: ids.length, failed: 0 });
    expect(deletes()).toHaveLength(ids.length);
  },
);
