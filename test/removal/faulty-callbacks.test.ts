// Callbacks that throw, as the audit does if an embedder's logger fails: the call ends with that error, no promise rejects
// unheard, which would end the process, and other calls go on.
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { deleteBatch } from '../../src/removal/delete-batch.ts';
import { restoreBatch } from '../../src/removal/restore-batch.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { startProject } from '../support/start-project.ts';
import { startTestGateway } from '../support/test-gateway.ts';

async function start(act: 'delete' | 'restore', count: number) {
  const { videos, ids } = (act === 'delete' ? createVideos : createRemovedVideos)(count);
  const started = await startProject({ videos });
  const { project, call } = started;
  return {
    ...started,
    ids,
    run: (of: readonly string[], onOutcome: (id: string) => void) =>
      act === 'delete'
        ? deleteBatch(project, of, { ...call, ifPermanent: 'allow', onOutcome })
        : restoreBatch(project, of, { ...call, onOutcome }),
  };
}

describe.each(['delete', 'restore'] as const)('if onOutcome of a %s throws', (act) => {
  test('the batch reports what else was sent, frees the videos, and rejects with the first error', async () => {
    await using started = await start(act, 60);
    const { ids, sandbox, project, run, writes } = started;
    const told: string[] = [];

    const end = run(ids, (id) => {
      told.push(id);
      throw new Error(`disk full at ${told.length}`);
    });

    await expect(end).rejects.toThrow('disk full at 1');
    const sent = writes();
    const moved = ids.filter((id) => sandbox.state(id) === (act === 'delete' ? 'removed' : 'live'));
    expect(told.toSorted()).toEqual(moved.toSorted());
    for (const id of ids) expect(project.locks.isHeld(id)).toBe(false);

    const outcomes = await run(ids.slice(-5), () => {});
    expect([...outcomes.values()].map(({ kind }) => kind)).not.toContain('failed');
    expect(writes()).toBeLessThanOrEqual(sent + 5);
  });

  test('for the last video, the batch rejects too', async () => {
    await using started = await start(act, 1);
    const { ids, run } = started;
    const end = run(ids, () => {
      throw new Error('disk full');
    });
    await expect(end).rejects.toThrow('disk full');
  });
});

describe('a log that throws for audit lines', () => {
  test.each(['delete', 'restore'] as const)(
    'ends a %s with an error, and nothing more is sent',
    async (act) => {
      const { videos, ids } = (act === 'delete' ? createVideos : createRemovedVideos)(60);
      const tried = new Set<unknown>();
      const write = (line: string) => {
        const { audit, videoId } = JSON.parse(line);
        if (!audit) return;
        tried.add(videoId);
        throw new Error('disk full');
      };
      const logger = pino({ level: 'info' }, { write });
      const env = { VIDEO_RESTORE: 'on', UPSTREAM_CONCURRENCY: '2' };
      await using gateway = await startTestGateway({
        videos,
        logger,
        env,
        latencyMs: 20,
        upstreamLagMs: 500,
      });
      const writes = () => gateway.sandbox.requests.filter(({ kind }) => kind === 'write');
      const query = `mutation ($ids: [ID!]!) { ${act}Videos(ids: $ids) { summary { failed } } }`;

      const { data, errors } = await gateway.post({ query, variables: { ids } });

      expect(data).toEqual({ [`${act}Videos`]: null });
      expect(errors.map(({ extensions }) => extensions?.code)).toEqual(['INTERNAL_SERVER_ERROR']);
      const sent = writes();
      expect(sent.length).toBeLessThan(20);
      for (const { videoId } of sent) expect(tried).toContain(videoId);

      await gateway.post({ query, variables: { ids: ids.slice(-1) } });
      expect(writes().length).toBeLessThanOrEqual(sent.length + 1);
    },
  );
});
