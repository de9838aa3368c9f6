// The hook of whoever must know of a write before it is sent, on real projects above a sandbox.
import { describe, expect, test } from 'vitest';
import { deleteBatch } from '../../src/removal/delete-batch.ts';
import { restoreBatch } from '../../src/removal/restore-batch.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { isOf } from '../support/plan-faults.ts';
import { startProject } from '../support/start-project.ts';

describe('the hook before each send', () => {
  test('is called for each deletion, before it reaches api.video', async () => {
    const { videos, ids } = createVideos(8);
    await using started = await startProject({ videos });
    const { sandbox, project, call } = started;
    const told: string[] = [];

    const outcomes = await deleteBatch(project, ids, {
      ...call,
      ifPermanent: 'refuse',
      beforeSend: async (id) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        expect(sandbox.state(id)).toBe('live');
        told.push(id);
        return true;
      },
    });

    expect([...outcomes.values()].map(({ kind }) => kind)).toEqual(ids.map(() => 'removed'));
    // It is asked again if the look before the deletion has become too old meanwhile.
    expect([...new Set(told)].toSorted()).toEqual(ids.toSorted());
  });

  test('is called for each attempt: after a 429, after a 401, and for a repeat', async () => {
    const { videos, ids } = createRemovedVideos(1);
    await using started = await startProject({ videos });
    const { sandbox, project, call } = started;
    let attempts = 0;
    sandbox.setFault((request) => {
      if (!isOf(request, ids, 'PATCH')) return undefined;
      attempts += 1;
      if (attempts === 1)
        return { kind: 'answer', acts: false, status: 429, headers: { 'X-RateLimit-Retry-After': '1' } };
      if (attempts === 2) return { kind: 'answer', acts: false, status: 401 };
      return attempts === 3 ? { kind: 'reset', acts: false } : undefined;
    });
    let asked = 0;

    const outcomes = await restoreBatch(project, ids, {
      ...call,
      beforeSend: async () => {
        asked += 1;
        return true;
      },
    });

    expect([...outcomes.values()]).toMatchObject([{ kind: 'restored' }]);
    expect([asked, attempts]).toEqual([4, 4]);
  });

  test('withholds what it does not confirm, and lets the others go', async () => {
    const { videos, ids } = createVideos(4);
    await using started = await startProject({ videos });
    const { sandbox, project, call } = started;
    const [withdrawn = '', ...rest] = ids;

    const outcomes = await deleteBatch(project, ids, {
      ...call,
      ifPermanent: 'refuse',
      beforeSend: async (id) => id !== withdrawn,
    });

    expect(outcomes.get(withdrawn)).toMatchObject({ kind: 'failed', code: 'NOT_ATTEMPTED' });
    expect(rest.map((id) => outcomes.get(id)?.kind)).toEqual(rest.map(() => 'removed'));
    expect(sandbox.state(withdrawn)).toBe('live');
  });
});

test('a batch has at most 500 videos in progress, so that 5,000 cost no more at once than 500', async () => {
  const ids = Array.from({ length: 5_000 }, (_, index) => `viNone${index}`);
  await using started = await startProject({ limits: null });
  const { project, call } = started;
  const waiting: number[] = [];
  const watch = setInterval(() => waiting.push(project.governor.load().waiting), 5);

  const outcomes = await restoreBatch(project, ids, { ...call, deadline: performance.now() + 2_000 });
  clearInterval(watch);

  expect(outcomes.size).toBe(ids.length);
  expect(waiting.length).toBeGreaterThan(20);
  expect(Math.max(...waiting)).toBeLessThanOrEqual(1_000);
});
